"""Terms, channels and operators: what they hold, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from qte.common.double_double import exact
from qte.common.errors import ParameterError
from qte.physics.terms import Channel, Term, as_operator, as_terms, dense

LOWER = np.array([[0.0, 0.0], [1.0, 0.0]])


def test_a_term_holds_a_real_coefficient_and_a_sparse_operator():
    term = Term.of([1, 2], LOWER)
    assert term.coefficient.dtype == float
    assert term.coefficient.tolist() == [1.0, 2.0]
    assert isinstance(term.operator, sp.csr_array)
    assert np.array_equal(term.operator.toarray(), LOWER)
    assert Term(3, LOWER).coefficient == 3.0
    # rates of microscopic models reach further than the parameters of a machine
    assert Term.of(1e200, LOWER).coefficient == Term(1e200, LOWER).coefficient == 1e200


def test_operators_of_any_kind_of_matrix():
    for given in (LOWER, LOWER.tolist(), sp.csr_array(LOWER), sp.coo_array(LOWER), sp.csc_matrix(LOWER)):
        found = as_operator("jump", given)
        assert isinstance(found, sp.csr_array)
        assert np.array_equal(found.toarray(), LOWER)
    kept = sp.csr_array(LOWER)
    assert as_operator("jump", kept) is kept
    assert as_operator("jump", [[1j]]).dtype == complex
    assert as_operator("jump", sp.csr_array(LOWER.astype(bool))).toarray().sum() == 1


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (np.ones(3), (3,)),
        (np.ones((2, 2, 2)), (2, 2, 2)),
        (np.ones((2, 3)), (2, 3)),
        (sp.csr_array(np.ones((2, 3))), (2, 3)),
        (np.zeros((0, 0)), (0, 0)),
    ],
)
def test_what_is_no_square_matrix_is_refused_with_its_shape(value, given):
    with pytest.raises(ParameterError) as caught:
        as_operator("jump", value)
    assert (caught.value.name, caught.value.value) == ("jump", given)
    assert caught.value.allowed == "be a square matrix of finite numbers"


@pytest.mark.parametrize("value", [[[np.nan]], [["a"]], sp.csr_array([[np.inf]]), "ab", None])
def test_what_holds_no_finite_numbers_is_refused(value):
    with pytest.raises(ParameterError) as caught:
        as_operator("jump", value)
    assert (caught.value.name, caught.value.allowed) == ("jump", "be a square matrix of finite numbers")


def test_a_channel_of_one_constant_operator():
    channel = Channel.of("h", [0.1, 0.2], LOWER, -1)
    assert (channel.reservoir, channel.quanta, channel.partner) == ("h", -1, None)
    assert channel.rate.tolist() == [0.1, 0.2]
    (term,) = channel.jump
    assert term.coefficient == 1
    assert term.coefficient.shape == ()
    assert Channel.of("h", 0.1, LOWER).quanta == 0
    with pytest.raises(ParameterError) as caught:
        Channel.of("h", 0.1, np.ones(2))
    assert caught.value.name == "jump"


def test_rates_of_more_digits_stay_as_they_are():
    precise = exact(0.1)
    assert Channel.of("h", precise, LOWER).rate is precise
    assert Channel.of("h", 1e200, LOWER).rate == 1e200


def test_a_partner_is_checked_as_a_jump_is():
    term = Term.of(1.0, LOWER)
    both = Channel("h", 0.1, [term], [term])
    assert both.jump == both.partner == (term,)
    for name, arguments in (("jump", (None, (term,))), ("partner", ((term,), ())), ("jump", ((), None))):
        with pytest.raises(ParameterError) as caught:
            Channel("h", 0.1, *arguments)
        assert (caught.value.name, caught.value.allowed) == (name, "be a tuple of at least one Term")
    with pytest.raises(ParameterError) as caught:
        Channel("h", 0.1, (term,), None, np.nan)
    assert caught.value.name == "quanta"


def test_terms_are_of_one_dimension():
    small, large = Term.of(1.0, LOWER), Term.of(1.0, np.eye(3))
    assert as_terms("jump", [small, small]) == (small, small)
    with pytest.raises(ParameterError) as caught:
        as_terms("jump", (small, large))
    assert (caught.value.name, caught.value.value) == ("jump", (2, 3))
    assert caught.value.allowed == "have operators of one dimension"
    for wrong in ((), [small, 3], small, None):
        with pytest.raises(ParameterError) as caught:
            as_terms("partner", wrong)
        assert (caught.value.name, caught.value.value) == ("partner", wrong)


def test_a_sum_of_terms_over_a_grid():
    terms = (Term.of([1.0, 2.0], LOWER), Term.of(1.0, 1j * np.eye(2)))
    found = dense(terms, (2,), 2)
    assert found.shape == (2, 2, 2)
    assert found.dtype == complex
    assert np.array_equal(found[1], 2 * LOWER + 1j * np.eye(2))
    for arguments, name in (((terms, 2, 2), "shape"), ((terms, (2,), 0), "dim"), (((), (2,), 2), "terms")):
        with pytest.raises(ParameterError) as caught:
            dense(*arguments)
        assert caught.value.name == name


@pytest.mark.parametrize(
    ("build", "name", "value", "allowed"),
    [
        (lambda: Term("1", LOWER), "coefficient", "1", "be a real number, finite"),
        (lambda: Term.of("1", LOWER), "coefficient", "1", "be a real number, finite"),
        (lambda: Term(1.0, "ab"), "operator", "ab", "be a square matrix of finite numbers"),
        (lambda: as_operator("jump", sp.csr_array([[np.inf]])), "jump", None, None),
        (
            lambda: Channel(["c"], 0.1, (Term(1.0, LOWER),)),
            "reservoir",
            ["c"],
            "be a label: a word, a number or None",
        ),
        (lambda: Channel("c", "0.1", (Term(1.0, LOWER),)), "rate", "0.1", "be a real number, finite"),
        (lambda: dense((Term(1.0, LOWER),), 2, 2), "shape", 2, "be a tuple of lengths"),
    ],
)
def test_each_message_names_its_argument_and_what_was_given(build, name, value, allowed):
    with pytest.raises(ParameterError) as caught:
        build()
    assert caught.value.name == name
    if allowed is None:
        assert isinstance(caught.value.value, sp.csr_array)
    else:
        assert (caught.value.value, caught.value.allowed) == (value, allowed)


def test_what_is_kept_is_what_was_checked():
    """Lists become arrays of floats and sparse matrices, in the term and in the channel itself."""
    term = Term([1, 2], LOWER.tolist())
    assert isinstance(term.coefficient, np.ndarray)
    assert term.coefficient.dtype == float
    assert isinstance(term.operator, sp.csr_array)
    channel = Channel("h", [1, 2], [term])
    assert isinstance(channel.rate, np.ndarray)
    assert channel.rate.dtype == float
    assert isinstance(channel.jump, tuple)
    assert Channel("h", 0.1, (term,), None, 1e200).quanta == 1e200
    one = Term.of(2.0, [[3.0]])
    assert dense((one,), (), 1).tolist() == [[6.0]]
