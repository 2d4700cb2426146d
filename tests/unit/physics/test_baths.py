"""Occupations and rates to full relative accuracy, from 1e-12 to e^-700, against mpmath."""

from __future__ import annotations

import warnings

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qte.common.errors import ParameterError
from qte.machines.validity import ratio
from qte.physics import occupations
from qte.physics.baths import Bath, ExactBath, ExactTemperatureDerivative, ExtendedBath, TemperatureDerivative
from qte.physics.spectral_densities import FromFunction

EXPONENTS = [1e-12, 1e-6, 1e-3, 0.1, 1.0, 5.0, 40.0, 100.0, 700.0]


def relative(value: float, exact: mp.mpf) -> float:
    return float(abs(mp.mpf(float(value)) / exact - 1))


@pytest.mark.parametrize("x", EXPONENTS)
def test_occupations_keep_their_digits(x):
    with mp.workdps(50):
        e = mp.exp(mp.mpf(x))
        assert relative(occupations.bose(x), 1 / (e - 1)) < 4e-16
        assert relative(occupations.bose_emission(x), e / (e - 1)) < 4e-16
        assert relative(occupations.fermi(x), 1 / (e + 1)) < 4e-16
        assert relative(occupations.fermi(-x), e / (e + 1)) < 4e-16


@pytest.mark.parametrize("x", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("bias", [1e-14, 1e-8, 0.5, -1e-10, -3.0, 80.0])
@pytest.mark.parametrize("statistics", ["bose", "fermi"])
def test_differences_do_not_cancel(x, bias, statistics):
    if statistics == "bose" and x + bias <= 0:
        bias = -bias
    sign = 1 if statistics == "bose" else -1
    difference = occupations.bose_difference if statistics == "bose" else occupations.fermi_difference
    with mp.workdps(60):
        n = [1 / (mp.exp(mp.mpf(y)) - sign) for y in (mp.mpf(x), mp.mpf(x) + mp.mpf(bias))]
        # x + bias is itself rounded, which changes e^-(x + bias) by the spacing of floats there
        assert relative(difference(x, x + bias, bias), n[0] - n[1]) < 1e-15 + np.spacing(max(x, x + bias))


@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(1e-6, 1), st.sampled_from(["bose", "fermi"]))
def test_detailed_balance(energy, temperature, gamma, statistics):
    bath = Bath(temperature, gamma, statistics)
    ratio = bath.absorption(energy) / bath.emission(energy)
    assert ratio == pytest.approx(np.exp(-energy / temperature), rel=1e-13)


@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(-5, 5))
def test_fermi_rates_add_up_to_gamma(energy, temperature, mu):
    bath = Bath(temperature, 0.3, "fermi", mu)
    assert bath.absorption(energy) + bath.emission(energy) == pytest.approx(0.3, rel=1e-15)


def test_limits():
    assert Bath(0.0, 2.0).occupation(1.0) == 0
    assert Bath(0.0, 2.0).emission(1.0) == 2.0
    assert Bath(0.0, 2.0, "fermi", 0.5).occupation([0.4, 0.6]).tolist() == [1.0, 0.0]
    assert Bath(1.0, 1.0, "fermi", np.inf).occupation(3.0) == 1.0


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Bath(-1.0, 1.0), "temperature"),
        (lambda: Bath(1.0, -1.0), "coupling"),
        (lambda: Bath(1.0, 1.0, "boson"), "statistics"),
        (lambda: Bath(1.0, 1.0, "bose", 0.1), "chemical_potential"),
        (lambda: Bath(1.0, 1.0).occupation(0.0), "energy"),
        (lambda: Bath(1.0, 1.0).emission([1.0, -2.0]), "energy"),
        (lambda: Bath(0.0, 1.0, "fermi", 1.0).occupation(1.0), "energy"),
        (lambda: Bath(True, 1.0), "temperature"),
    ],
)
def test_bad_baths_are_refused(make, name):
    with pytest.raises(ParameterError) as caught:
        make()
    assert caught.value.name == name


@pytest.mark.parametrize("difference", [occupations.bose_difference, occupations.fermi_difference])
def test_differences_of_two_exponents(difference):
    occupation = occupations.bose if difference is occupations.bose_difference else occupations.fermi
    x, y = np.array([0.5, 1.0, 3.0, 2.0, np.inf, 2.0]), np.array([0.7, 1.0, 2.0, np.inf, np.inf, 40.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = difference(x, y)
    assert np.allclose(got, occupation(x) - occupation(y), rtol=1e-14, atol=0)
    assert got[1] == got[4] == 0


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: Bath(1.0, 1.0).occupation(-1.0), "`energy` must be > 0 for a bosonic bath, but got -1.0."),
        (
            lambda: Bath(0.0, 1.0, "fermi", 1.0).emission(1.0),
            "`energy` must differ from mu for a Fermi bath at T = 0, but got 1.0.",
        ),
        (
            lambda: Bath(1.0, 1.0, "bose", 0.5),
            "`chemical_potential` must be 0 for a bosonic bath, but got 0.5.",
        ),
    ],
)
def test_refusals_say_what_is_allowed(ask, message):
    with pytest.raises(ParameterError) as caught:
        ask()
    assert str(caught.value) == f"Argument {message}"


@pytest.mark.filterwarnings("error")
def test_slopes_at_the_edges():
    t = np.array([0.0, 1.0])
    assert TemperatureDerivative(t, 1.0).occupation(1.0).tolist() == [
        0.0,
        float(TemperatureDerivative(1.0, 1.0).occupation(1.0)),
    ]
    assert TemperatureDerivative(1.0, 1.0, "fermi", np.inf).occupation(2.0) == 0
    assert TemperatureDerivative(5e-324, 1.0, "fermi").occupation(2.0) == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("statistics", ["bose", "fermi"])
def test_rates_of_32_digits_take_the_shift_and_the_potential(statistics):
    mu = 0.25 if statistics == "fermi" else 0.0
    # exponents in range, beyond it, and one that only the shift brings beyond it
    t, shift = np.array([0.5, 1e-3, 1e-3]), np.array([1e-3, 0.0, 0.4])
    plain, more = (kind(t, 0.3, statistics, mu) for kind in (Bath, ExtendedBath))
    for energy in (0.75, 0.9):
        for name in ("absorption", "emission"):
            got = getattr(more, name)(energy, shift)
            assert np.allclose(got.hi, getattr(plain, name)(energy, shift), rtol=1e-12, atol=0)


def test_parameters_become_arrays_of_floats_under_their_names():
    bath = Bath([1, 2], [3, 4], "fermi", [0, 1])
    for name, wanted in (("temperature", [1, 2]), ("coupling", [3, 4]), ("chemical_potential", [0, 1])):
        held = getattr(bath, name)
        assert isinstance(held, np.ndarray)
        assert held.dtype == float
        assert held.tolist() == wanted
    with pytest.raises(ParameterError, match="`chemical_potential`"):
        Bath(1.0, 1.0, "fermi", np.nan)


@pytest.mark.filterwarnings("error")
def test_rates_of_32_digits_far_below_the_potential_and_at_infinite_energy():
    plain, more = (kind(1e-3, 1.0, "fermi", 1.2) for kind in (Bath, ExtendedBath))
    got = more.emission(0.5, -0.02)
    assert got.hi == pytest.approx(float(plain.emission(0.5, -0.02)), rel=1e-12, abs=0)
    assert 0 < got.hi < 1e-300
    assert more.absorption(np.inf).hi == 0
    assert more.emission(np.inf).hi == 1


@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.7, np.inf])
def test_the_rate_at_no_energy_grows_with_the_temperature_as_the_density_does_with_the_energy(temperature):
    density = FromFunction(lambda energy: 3.0 * energy / (1.0 + energy**2))
    warming = TemperatureDerivative(temperature, 0.2, spectral_density=density)
    # gamma T lim s/E; an infinite temperature, whose coupling is gamma T, grows no more
    expected = 0.0 if np.isinf(temperature) else 0.2 * 3.0
    assert warming.noise(0.0) == pytest.approx(expected, rel=1e-9)
    if 0 < temperature < np.inf:
        near = warming.noise(1e-6 * temperature)
        assert near == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("difference", [occupations.bose_difference, occupations.fermi_difference])
@pytest.mark.parametrize(
    ("name", "given"), [("x", ("a", 1.0)), ("y", (1.0, "a")), ("y_minus_x", (1.0, 2.0, "a"))]
)
def test_a_difference_of_occupations_names_what_is_no_number(difference, name, given):
    with pytest.raises(ParameterError, match=f"^Argument `{name}` must be a real number, but got 'a'"):
        difference(*given)


def test_a_hermitian_coupling_has_no_potential():
    with pytest.raises(ParameterError) as caught:
        Bath(1.0, 0.1, "fermi", 0.3).noise(1.0)
    assert str(caught.value) == (
        "Argument `chemical_potential` must be 0 for a Hermitian coupling, which conserves no particles, but got 0.3."
    )


@pytest.mark.parametrize("statistics", ["bose", "fermi"])
@pytest.mark.parametrize("energy", [1.0, 1e-9])
def test_exact_rates_are_those_of_the_whole_energy(statistics, energy):
    """A shift far below the energy's last digit, and one that is half of it."""
    for shift in (energy / 2, 1e-25 * energy):
        exact = ExactBath(0.7, 0.2, statistics)
        with mp.workdps(50):
            x = mp.exp((mp.mpf(energy) + mp.mpf(shift)) / mp.mpf(0.7))
            up = mp.mpf(0.2) / (x - 1) if statistics == "bose" else mp.mpf(0.2) / (x + 1)
            down = up * x
            for got, right in ((exact.absorption(energy, shift), up), (exact.emission(energy, shift), down)):
                assert abs(sum(mp.mpf(float(part)) for part in got.parts) / right - 1) < 1e-29


def test_derivatives_in_doubles_are_derivatives():
    slope = ExactTemperatureDerivative(0.7, 0.2, "fermi", 0.1).in_doubles
    assert type(slope) is TemperatureDerivative
    assert slope.absorption(1.3) == TemperatureDerivative(0.7, 0.2, "fermi", 0.1).absorption(1.3)


def test_limits_are_no_reason_to_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert occupations.bose_emission([0.0, 800.0]).tolist() == [np.inf, 1.0]
        assert ratio("a", [1.0, 0.0], 0.0, "b").value.tolist() == [np.inf, 0.0]
        hot = Bath([np.inf, 2.0], 0.1)
        # an infinite temperature: the coupling is gamma T, and both rates are gamma T/E
        assert hot.absorption(4.0)[0] == hot.emission(4.0)[0] == 0.025
        assert hot.occupation(4.0).tolist() == [np.inf, occupations.bose(2.0)]


def test_a_shift_may_be_infinite():
    bath = Bath(1.0, 0.1, "fermi")
    assert (bath.absorption(0.0, -np.inf), bath.emission(0.0, -np.inf)) == (0.1, 0.0)


def test_a_bath_is_flat_at_an_energy_with_the_coupling_that_it_has_there():
    bath = Bath(0.7, 0.2, "fermi", 0.1, FromFunction(lambda energy: energy**2))
    flat = bath.flat_at(3.0)
    assert (flat.coupling, flat.spectral_density) == (pytest.approx(1.8), None)
    assert (flat.temperature, flat.statistics, flat.chemical_potential) == (0.7, "fermi", 0.1)
    assert flat.absorption(3.0) == bath.absorption(3.0)
    assert flat.flat_at(5.0) is flat


def test_the_limit_at_no_frequency_has_the_shape_of_the_grid():
    assert Bath([1.0, 2.0], 0.1, "fermi").noise(0.0) == 0.05
    assert Bath([1.0, 2.0], [[0.1], [0.3]], "fermi").noise([0.0, 0.0]).tolist() == [
        [0.05, 0.05],
        [0.15, 0.15],
    ]


def test_a_kind_of_bath_whose_rates_nobody_would_ask_for_is_refused():
    with pytest.raises(TypeError, match="Deaf defines absorption and emission, but machines ask for `rates`"):

        class Deaf(Bath):
            def emission(self, energy, shift=0.0):
                return 2.0

            def absorption(self, energy, shift=0.0):
                return 1.0


def test_a_kind_of_bath_is_heard_by_machines():
    class Louder(Bath):
        def rates(self, energy, shift=0.0):
            down, up = super().rates(energy, shift)
            return 2 * down, 2 * up

    bath = Louder(0.5, 0.01)
    assert bath.emission(1.0) == 2 * Bath(0.5, 0.01).emission(1.0)
    assert bath.absorption(1.0) == 2 * Bath(0.5, 0.01).absorption(1.0)
