"""Data files as people and other programs write them: taken, or refused in one line that says what to write."""

import pytest

from qte.data import data_files
from qte.data.data_files import DataFileError

HEAD = "T_h [eps],J [eps^2]\n"


def refusal(text: str) -> str:
    with pytest.raises(DataFileError) as error:
        data_files.read(text.encode(), "data/mine.csv")
    assert "\n" not in error.value.problem
    return error.value.problem


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "0.3,1e-5\n",
        "\ufeff" + HEAD + "0.3,1e-5",
        (HEAD + "0.3,1e-5\n\n").replace("\n", "\r\n"),
        (HEAD + "0.3,1e-5\n").replace("\n", "\r"),
        '"T_h [eps]","J [eps^2]"\n"0.3","1e-5"\n',
        "T_h[eps] , J [ eps^2 ]\n 0.3 , 1e-5 \n",
        "\ufeff# J: a current\r\n\r\n" + HEAD + "0.3,1e-5\r\n",
    ],
)
def test_the_same_table_in_other_forms_is_taken(text: str) -> None:
    table = data_files.read(text.encode(), "data/mine.csv")
    assert (table["T_h"].tolist(), table["J"].tolist()) == ([0.3], [1e-5])
    assert [column.unit for column in table.columns] == ["eps", "eps^2"]


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (
            "T_h [eps];J [1]",
            "line 1: its columns must be parted by commas, not by ';'; a decimal is written 0.3",
        ),
        (
            "T_h [eps]\tJ [1]",
            "line 1: its columns must be parted by commas, not by '\\t'; a decimal is written 0.3",
        ),
        ("T_h (K),J [1]", "line 1: 'T_h (K)' has its unit in another way; write T_h [K]"),
        ("T_h/eps,J [1]", "line 1: 'T_h/eps' has its unit in another way; write T_h [eps]"),
        ("T_h {mK},J [1]", "line 1: 'T_h {mK}' has its unit in another way; write T_h [mK]"),
        ("T_h [eps],T_h [eps]", "line 1: two columns are called T_h"),
        ("T_h [],J [1]", "line 1: the column T_h has no unit; write T_h [eps], or T_h [1] for a pure number"),
        ("γ [1],J [1]", "line 1: 'γ [1]' names no column; write a symbol and its unit, such as T_h [eps]"),
    ],
)
def test_a_line_of_names_that_is_not_understood_says_what_to_write(head: str, wanted: str) -> None:
    assert refusal(f"{head}\n1,2\n") == wanted


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ('"0,3",1', "line 2: T_h '0,3' is no number (write 0.3)"),
        ("0,3,1", "line 2: it has 3 cells, and there are 2 columns; a decimal is written 0.3, not 0,3"),
        ("0.3", "line 2: it has 1 cell, and there are 2 columns"),
        ("0.3,\u22121e-5", "line 2: J '\u22121e-5' is no number (write -1e-5)"),
        ("0.3,", "line 2: J is empty; write nan where there is no value"),
        ("0.3,N/A", "line 2: J 'N/A' is no number; write nan where there is no value"),
        ("0.3,1+2j", "line 2: J '1+2j' is no number"),
        ("0.3,inf", "line 2: J is infinite"),
        ("0.3,1e400", "line 2: J '1e400' is larger than any number here"),
        ("0.3,1e-400", "line 2: J '1e-400' is closer to 0 than any number here; write 0"),
        ("# later", "line 2: comments stand above the names of the columns"),
        (
            "0.3,1\u2028 0.4,2",
            "line 2: it has 3 cells, and there are 2 columns; a decimal is written 0.3, not 0,3",
        ),
    ],
)
def test_a_cell_that_is_not_understood_says_what_to_write(row: str, wanted: str) -> None:
    assert refusal(f"{HEAD}{row}\n") == wanted


def test_zero_and_no_value_are_taken() -> None:
    table = data_files.read(f"{HEAD}0.0,-0\n0e5,NaN\n".encode(), "data/mine.csv")
    assert table["T_h"].tolist() == [0, 0]
    assert table["J"][0] == 0
    assert table.frame["J"].isna().tolist() == [False, True]
