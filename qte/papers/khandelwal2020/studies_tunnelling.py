"""Studies of khandelwal2020 with tunnelling in the hot qubit: figures 4 and 5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qte.common import parameters as check
from qte.common.optimise import maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.equations import resonant_tunnelling
from qte.papers.khandelwal2020.parts import (
    CURRENT,
    DELTA,
    KAPPA_H,
    NEGATIVITY,
    T_H,
    Array,
    WeakEngine,
    bound,
    listed,
    significant,
)

# What figures 4 and 5 promise of kappa_max, in units of eps_h.
RIDGE_ERROR = 1e-8


@dataclass(frozen=True, eq=False)
class Ridge:
    """Tunnelling that maximises J or N, each of shape (...): where, how well known, how high."""

    kappa: Array
    error: Array
    value: Array


def ridge(
    observable: Callable[[TwoQubitEngine], Array],
    engine: Callable[[Array], TwoQubitEngine],
    kappa_max: float,
    shape: tuple[int, ...],
) -> Ridge:
    """Maximise an observable over kappa_h in [0, kappa_max].

    Only kappa_h^2 matters (rotating both qubits by pi about z turns the sign of
    kappa_h), so the search runs in kappa_h^2: there the maximum does not become
    flat where it reaches 0.

    Raises
    ------
    NotRefined
        A maximum is not known to 1e-8.
    """
    found = maximise(
        lambda s: observable(engine(np.sqrt(s))), 0.0, kappa_max**2, shape=shape, tolerance=1e-13
    )
    kappa = np.sqrt(found.x)
    error = np.where(
        found.x > found.error,
        kappa - np.sqrt(np.maximum(found.x - found.error, 0.0)),
        np.sqrt(found.x + found.error),
    )
    require_accuracy("kappa_max", error, RIDGE_ERROR)
    return Ridge(kappa, error, found.value)


@study("tunnelling_curves")
@dataclass(frozen=True, kw_only=True)
class TunnellingCurves(WeakEngine):
    """Heat current and negativity against the tunnelling rate (figure 4)."""

    T_h: Values
    delta: float
    kappa_h: Grid
    kappa_c: float

    def check(self) -> None:
        self._engine()

    def table(self) -> Table:
        engine = self._engine()
        resonant = self.engine(T_h=np.array(self.T_h))
        return Table.from_grid(
            axes={"T_h": self.T_h, "kappa_h": self.kappa_h.points},
            values={
                "J": engine.net_current(),
                "N": engine.negativity(),
                "J_resonant": resonant.net_current()[:, None],
                "N_resonant": resonant.negativity()[:, None],
            },
            columns=(
                T_H,
                KAPPA_H,
                CURRENT,
                NEGATIVITY,
                Column("J_resonant", "eps_h^2", "J for delta = kappa = 0", r"$J_{ss}/\varepsilon_h$"),
                Column("N_resonant", "1", "negativity for delta = kappa = 0", r"$N(\rho_{ss})$"),
            ),
            facts=self._marks(resonant),
        )

    def _engine(self) -> TwoQubitEngine:
        return self.engine(
            T_h=np.array(self.T_h)[:, None],
            delta=self.delta,
            kappa_h=self.kappa_h.points,
            kappa_c=self.kappa_c,
        )

    def _at(self, kappa: Array) -> TwoQubitEngine:
        return self.engine(T_h=np.array(self.T_h), delta=self.delta, kappa_h=kappa, kappa_c=self.kappa_c)

    def _marks(self, resonant: TwoQubitEngine) -> dict[str, object]:
        shape = (len(self.T_h),)
        of_current = ridge(TwoQubitEngine.net_current, self._at, self.kappa_h.stop, shape)
        of_entanglement = ridge(TwoQubitEngine.negativity, self._at, self.kappa_h.stop, shape)
        return {
            "order_of_lists": "as T_h",
            "kappa_max_of_J": listed(of_current.kappa, 10),
            "kappa_max_of_N": listed(of_entanglement.kappa, 10),
            "error_of_kappa_max_below": RIDGE_ERROR,
            "kappa_of_equal_splittings": float(f"{resonant_tunnelling(self.delta, self.eps_h):.12g}"),
            "largest_J": significant(of_current.value),
            "largest_N": significant(of_entanglement.value),
            "largest_J_over_J_resonant": significant(of_current.value / resonant.net_current()),
            "largest_N_over_N_resonant": significant(of_entanglement.value / resonant.negativity()),
        }


@study("tunnelling_map")
@dataclass(frozen=True, kw_only=True)
class TunnellingMap(WeakEngine):
    """Heat current and negativity over tunnelling rate and detuning (figure 5)."""

    T_h: float
    delta: Grid
    kappa_h: Grid
    kappa_c: float

    def check(self) -> None:
        self._engine()

    def table(self) -> Table:
        engine = self._engine()
        return Table.from_grid(
            axes={"delta": self.delta.points, "kappa_h": self.kappa_h.points},
            values={"J": engine.net_current(), "N": engine.negativity()},
            columns=(DELTA, KAPPA_H, CURRENT, NEGATIVITY),
            facts={"steady_state": engine.steady_state().method},
        )

    def _engine(self) -> TwoQubitEngine:
        return self.engine(
            T_h=self.T_h,
            delta=self.delta.points[:, None],
            kappa_h=self.kappa_h.points,
            kappa_c=self.kappa_c,
        )


@study("tunnelling_ridge")
@dataclass(frozen=True, kw_only=True)
class TunnellingRidge(WeakEngine):
    """kappa_max against the detuning, for J and for N (figure 5)."""

    T_h: float
    delta: Grid
    kappa_h_max: float
    kappa_c: float

    def check(self) -> None:
        check.GAP.check("kappa_h_max", self.kappa_h_max)
        self._at(np.full(len(self.delta), self.kappa_h_max))

    def table(self) -> Table:
        shape = (len(self.delta),)
        resonant = self.engine(T_h=self.T_h)
        of_current = ridge(TwoQubitEngine.net_current, self._at, self.kappa_h_max, shape)
        of_entanglement = ridge(TwoQubitEngine.negativity, self._at, self.kappa_h_max, shape)
        equal = resonant_tunnelling(self.delta.points, self.eps_h)
        label = r"$\kappa_{\max}/\varepsilon_h$"
        return Table.from_grid(
            axes={"delta": self.delta.points},
            values={
                "kappa_J": of_current.kappa,
                "kappa_N": of_entanglement.kappa,
                "kappa_equal": equal,
                "J_recovered": of_current.value / resonant.net_current(),
                "N_recovered": of_entanglement.value / resonant.negativity(),
            },
            columns=(
                DELTA,
                Column("kappa_J", "eps_h", "tunnelling of the largest J", label),
                Column("kappa_N", "eps_h", "tunnelling of the largest negativity", label),
                Column("kappa_equal", "eps_h", "tunnelling of equal splittings", label),
                Column("J_recovered", "1", "largest J over J at delta = kappa = 0", r"$J_{\max}/J_0$"),
                Column("N_recovered", "1", "largest N over N at delta = kappa = 0", r"$N_{\max}/N_0$"),
            ),
            facts={
                "error_of_kappa_J_below": bound(of_current.error),
                "error_of_kappa_N_below": bound(of_entanglement.error),
                "largest_distance_of_kappa_J_from_equal_splittings": float(
                    f"{np.abs(of_current.kappa - equal).max():.6g}"
                ),
                "largest_distance_of_kappa_N_from_kappa_J": float(
                    f"{np.abs(of_entanglement.kappa - of_current.kappa).max():.6g}"
                ),
            },
        )

    def _at(self, kappa: Array) -> TwoQubitEngine:
        return self.engine(T_h=self.T_h, delta=self.delta.points, kappa_h=kappa, kappa_c=self.kappa_c)
