"""Tables in parts: the bytes do not depend on the cut, and a damaged or foreign part is refused."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.data import partitioned, shards, studies, tables
from qte.data.partitioned import BLOCK, cuts, shards_of
from qte.data.tables import DamagedTable, Provenance
from qte.machines.three_qubit import DetunedThreeQubitMachine, ThreeQubitMachine

NAME = "khandelwal2025.robustness"
PARAMS = {
    "eps": 1.0,
    "g": 0.05,
    "gamma": 0.1,
    "T": 1.0,
    "U_over_T": {"start": 0.0, "stop": 20.0, "num": 9},
    "mu_over_T": {"start": 0.0, "stop": 20.0, "num": 9},
    "detuning_over_g": {"start": 0.0, "stop": 2.0, "num": 5},
    "mismatch": {"start": -0.6, "stop": 0.6, "num": 7},
    "dephasing_over_g": [0.0, 1.0e-3, 1.0e-2, 0.1, 1.0, 2.0, 3.0],
}
POINTS = 9 * 9 * 5 * 7 * 7


@pytest.fixture(scope="module")
def study():
    return studies.build(NAME, PARAMS)


@pytest.fixture(scope="module")
def provenance(study):
    return Provenance("khandelwal2025", "robustness", NAME, studies.params_of(study), ("g",), "code")


@pytest.fixture(scope="module")
def whole(study):
    return study.table()


@pytest.fixture(scope="module")
def expected(whole, provenance, tmp_path_factory):
    file = tmp_path_factory.mktemp("whole") / "robustness.csv"
    tables.write(whole, file, replace(provenance, code=""))
    return file.read_bytes()


def write_shards(study, provenance, folder: Path, edges: list[int]) -> list[Path]:
    files = []
    for start, stop in pairwise(edges):
        files.append(folder / f"{start}-{stop}.csv")
        shards.write(study, files[-1], shards.shard_of(provenance, start, stop), start, stop)
    return files


@pytest.mark.parametrize(
    "edges",
    [
        [0, POINTS],
        [0, 1, 8, 777, BLOCK - 1, BLOCK, BLOCK + 1, 12000, POINTS],
        [edge for edge, _ in cuts(POINTS, 2)] + [POINTS],
    ],
)
def test_gathered_bytes_are_those_of_the_whole_table(study, provenance, expected, tmp_path, edges):
    files = write_shards(study, provenance, tmp_path, edges)
    shards.gather(files, tmp_path / "robustness.csv", provenance, POINTS)
    assert (tmp_path / "robustness.csv").read_bytes() == expected
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".tmp")] == []


def test_a_table_written_block_by_block_is_the_table_written_at_once(study, provenance, expected, tmp_path):
    shards.write(study, tmp_path / "robustness.csv", replace(provenance, code=""), 0, POINTS)
    assert (tmp_path / "robustness.csv").read_bytes() == expected


def test_the_points_are_in_c_order_and_their_values_the_machine_s(study, whole):
    assert len(whole) == study.points() == POINTS
    rng = np.random.default_rng(8)
    shape = [len(axis) for axis in study.axes().values()]
    for row in rng.integers(POINTS, size=20):
        point = {
            name: axis[i]
            for (name, axis), i in zip(study.axes().items(), np.unravel_index(row, shape), strict=True)
        }
        assert {name: whole[name][row] for name in point} == point
        g13, g23 = 0.05 * (1 + point["mismatch"]), 0.05 * (1 - point["mismatch"])
        machine = DetunedThreeQubitMachine(
            g13=g13,
            g23=g23,
            gamma_1=0.1,
            gamma_3=0.1,
            T_1=1.0,
            T_3=1.0,
            U=point["U"],
            mu=point["mu"],
            detuning=0.05 * point["detuning"],
            dephasing=0.05 * point["dephasing"],
        )
        dense = machine.steady_state(method="dense").rho
        assert np.allclose(machine.steady_state().rho, dense, rtol=0, atol=1e-9)
        assert whole["C"][row] == pytest.approx(float(machine.concurrence()), rel=1e-12, abs=1e-300)


def test_without_detuning_it_is_the_three_qubit_machine_and_with_it_the_dark_state_goes():
    common = {"gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 1.0, "U": 15.0, "mu": 8.0}
    plain = ThreeQubitMachine(g13=0.05, g23=0.04, **common).concurrence()
    detuned = DetunedThreeQubitMachine(g13=0.05, g23=0.04, detuning=[0.0, 0.02, 0.1], **common).concurrence()
    assert detuned[0] == plain
    assert detuned[0] > detuned[1] > detuned[2]


def test_detuning_is_in_the_hamiltonian_and_in_reservoir_1():
    machine = DetunedThreeQubitMachine(
        g13=0.0, g23=0.0, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, U=0.0, mu=0.0, detuning=0.5
    )
    energies = machine.generator.hamiltonian_matrix.diagonal().real
    assert energies[3] == 1.25  # |100>
    assert energies[5] == 0.75  # |010>
    up = [c for c in machine.generator.channels_of(1) if c.quanta == 1]
    assert float(up[0].rate) == pytest.approx(0.1 / (np.exp(1.25) + 1), rel=1e-14)


def test_a_gap_that_closes_is_refused():
    with pytest.raises(ParameterError, match=r"`detuning` must be smaller than 2 eps"):
        DetunedThreeQubitMachine(
            g13=0.1, g23=0.1, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, U=0.0, mu=0.0, detuning=2.0
        )


@pytest.mark.parametrize("harm", ["flip", "cut", "empty"])
def test_a_damaged_shard_is_named_and_nothing_is_written(study, provenance, tmp_path, harm):
    files = write_shards(study, provenance, tmp_path, [0, BLOCK, POINTS])
    content = bytearray(files[1].read_bytes())
    content[-2] ^= 1
    files[1].write_bytes({"flip": content, "cut": content[:-40], "empty": b""}[harm])
    with pytest.raises(DamagedTable, match=files[1].name):
        shards.verify(files[1])
    assert shards.verify(files[0]).table == f"robustness.0-{BLOCK}"
    with pytest.raises(DamagedTable, match=files[1].name):
        shards.gather(files, tmp_path / "robustness.csv", provenance, POINTS)
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_shards_of_other_tables_and_gaps_are_refused(study, provenance, tmp_path):
    first, second = write_shards(study, provenance, tmp_path, [0, BLOCK, POINTS])
    target = tmp_path / "robustness.csv"
    with pytest.raises(shards.MixedShards, match="does not follow"):
        shards.gather([second, first], target, provenance, POINTS)
    with pytest.raises(shards.MixedShards, match=f"end at point {BLOCK} of {POINTS}"):
        shards.gather([first], target, provenance, POINTS)
    foreign = shards.shard_of(replace(provenance, code="other"), BLOCK, POINTS)
    shards.write(study, second, foreign, BLOCK, POINTS)
    with pytest.raises(shards.MixedShards, match="does not follow"):
        shards.gather([first, second], target, provenance, POINTS)
    assert not target.exists()


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 5), (0, POINTS + 1), (POINTS, POINTS + 1)])
def test_points_that_are_not_there_are_refused(study, start, stop):
    with pytest.raises(ParameterError):
        study.part(start, stop)


@pytest.mark.parametrize("points", [1, BLOCK - 1, BLOCK, BLOCK + 1, 1_056_250])
@pytest.mark.parametrize("count", [1, 2, 7, 64, 10_000])
def test_cuts_cover_every_point_once_at_the_edges_of_blocks(points, count):
    found = cuts(points, count)
    assert found[0][0] == 0
    assert found[-1][1] == points
    assert all(left[1] == right[0] and right[0] % BLOCK == 0 for left, right in pairwise(found))
    assert len(found) == min(count, -(-points // BLOCK))
    sizes = [-(-(stop - start) // BLOCK) for start, stop in found]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("most", [1, BLOCK, 3 * BLOCK + 5, 10**9])
def test_points_per_shard_is_an_upper_bound_but_for_one_block(most):
    points = 100 * BLOCK + 17
    assert max(stop - start for start, stop in cuts(points, shards_of(points, most))) <= max(most, BLOCK)


def test_only_studies_that_offer_parts_can_be_cut(study):
    assert isinstance(study, partitioned.PartitionedStudy)
    assert not issubclass(studies.get("khandelwal2025.concurrence_map"), partitioned.GridStudy)


def test_a_study_of_slow_points_is_cut_anywhere() -> None:
    assert cuts(7, 3, block=1) == ((0, 2), (2, 4), (4, 7))
    assert cuts(3, 9, block=1) == ((0, 1), (1, 2), (2, 3))
    assert shards_of(7, 2, block=1) == 4
