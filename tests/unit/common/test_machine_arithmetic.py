"""What the code on the way to a table leaves to the processor's libraries is listed here, and nowhere else used."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import qte.machines
from tests.workflow.projects import COLLECTIONS
from workflow.identity.code_hash import SourceTree

PROJECT = Path(__file__).parents[3]
ROOMS = ("common", "data", "exact", "machines", "physics", "solver", "sweeps", "papers")
# Second methods are to be other code, and say what tolerance they held; drawings are rounded to their grid.
APART = ("checks", "dense.py", "equations", "bridge.py", "trials.py")
# Functions whose last digits are the library's or the processor's.
FUNCTIONS = """
exp exp2 expm1 log log1p log2 log10 sin cos tan sinh cosh tanh arcsin arccos arctan arctan2 arcsinh arccosh arctanh
power float_power hypot cbrt geomspace logspace einsum dot vdot inner tensordot matmul trace interp
"""
LIBRARIES = (
    "scipy.linalg",
    "scipy.optimize",
    "scipy.special",
    "scipy.sparse.linalg",
    "scipy.interpolate",
    "cmath",
)


def uses(tree: ast.AST) -> Iterator[str]:
    """Names of what a module leaves to libraries."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            head, _, last = name.rpartition(".")
            if (head == "np.linalg" and last != "LinAlgError") or (
                head == "np" and last in FUNCTIONS.split()
            ):
                yield name
        elif isinstance(node, ast.ImportFrom) and node.module in LIBRARIES:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in LIBRARIES)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield "@"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not exact_power(node):
            yield "**"


def exact_power(node: ast.BinOp) -> bool:
    """A square, which is a product, or whole numbers and literals, which Python knows."""
    square = isinstance(node.right, ast.Constant) and node.right.value in (1, 2)
    return square or isinstance(node.left, ast.Constant)


def modules() -> list[Path]:
    """Modules of the project; a machine or a collection of somebody's own may use what its owner likes."""
    brought = SourceTree(PROJECT).closure(qte.machines._HOMES.values())
    found = []
    for file in (file for room in ROOMS for file in sorted((PROJECT / "qte" / room).rglob("*.py"))):
        room, *rest = file.relative_to(PROJECT / "qte").with_suffix("").parts
        machine = room == "machines" and len(rest) == 1 and rest != ["__init__"]
        own = machine and f"qte.machines.{rest[0]}" not in brought
        own |= room == "papers" and len(rest) > 1 and rest[0] not in COLLECTIONS
        if not own and not any(part.startswith(APART) for part in file.relative_to(PROJECT).parts):
            found.append(file)
    return found


# What may differ in its last digits, and why it may, is told in docs/numerics.md.
LEFT = {
    # whole numbers, and powers of two by powers of two
    "common/elementary.py": "** np.power",
    "common/fixed_point.py": "@",
    "common/optimise.py": "**",
    "machines/w_state.py": "**",
    "papers/answers/models/triple_dot.py": "@",
    "physics/information/spectra.py": "**",
    "physics/transitions.py": "@",
    "solver/noise.py": "** @",
    # sums of products that are rounded before: weights of one
    "common/matrices.py": "@ np.linalg.eigvalsh",
    "solver/blocks.py": "@",
    "solver/steady.py": "@",
    # sums of diagonals
    "papers/answers/models/open_triple_dot.py": "np.einsum",
    "physics/entanglement.py": "np.trace",
    "physics/operators.py": "np.linalg.eigvalsh np.trace",
    # a yes or no, or a bound
    "solver/block_solver.py": "np.linalg.svd scipy.sparse.linalg",
    "solver/exact/currents.py": "** np.linalg.inv",
    "solver/phase_symmetry.py": "np.linalg.svd",
    "solver/uniqueness.py": "np.linalg.matrix_rank",
    "sweeps/sweep.py": "**",
    # a search whose gaps are one where they are closer than a millionth, of machines of whole numbers
    "papers/answers/models/w_search.py": "@ np.linalg.eigvals np.tensordot",
    # eigenbases of more than 20 states, many unknowns, decay rates, spectra
    "physics/eigenbasis.py": "np.linalg.eigh",
    "physics/spectral_densities.py": "** scipy.interpolate",
    "solver/dynamics.py": "** np.linalg.cond np.linalg.eig np.linalg.inv np.linalg.norm np.linalg.svd",
    "solver/exact/propagators.py": "** @ scipy.sparse.linalg",
    "solver/large/sylvester.py": "@ np.trace scipy.linalg scipy.sparse.linalg",
    "solver/permutation_symmetry.py": "** @ scipy.linalg scipy.sparse.linalg",
    "solver/second_moments.py": "scipy.linalg",
    "solver/spectrum/clusters.py": "** np.linalg.eigvals scipy.optimize",
    "solver/spectrum/exceptional_points.py": "** @ np.linalg.eigvals np.linalg.lstsq np.linalg.matrix_power "
    "np.linalg.norm np.linalg.pinv np.linalg.svd scipy.linalg",
    "solver/thermodynamics.py": "@",
    # hierarchies, which QuTiP makes, and the second-order equation that they are held against
    "exact/hierarchy.py": "@ np.linalg.eigvalsh np.trace",
    "exact/hierarchy_convergence.py": "np.linalg.eigvalsh",
    "exact/hierarchy_levels.py": "@ np.linalg.eigh scipy.linalg scipy.sparse.linalg",
    "exact/von_neumann.py": "@ np.linalg.eigvalsh np.linalg.solve",
}


# What climbs or hunts along a function of its own; the way it takes, and so what it meets, hangs on every last digit.
SEARCHES = {"never_below", "hunt", "maximise", "find_root", "rises", "falls", "maximum_at", "crossing_at"}
# Searches of the ledger along what a library computes: their ends are far less sharp than the digits they show.
SEARCHED = {
    # one corner of the domain has the least margin by far
    ("khandelwal2025/many.py", "needs_filling"): "np.einsum",
    # a sign that is asked for where it is sure
    ("man2019/model.py", "marks_entanglement"): "np.linalg.eigvalsh",
    # places and heights of one maximum or one crossing, in fewer digits than they are found to
    ("khandelwal2025/dynamics.py", "faster"): "np.einsum np.linalg.eigvals",
    ("khandelwal2025/robust.py", "lamb_shift"): "np.einsum np.linalg.eigh np.linalg.eigvals np.linalg.solve",
    ("man2019/bias.py", "below_thermalisation"): "np.einsum np.linalg.eigh np.linalg.solve",
    ("man2019/bias.py", "_zeros"): "np.einsum np.linalg.eigh np.linalg.solve",
    ("man2019/detuned.py", "best_common_temperature"): "np.einsum np.linalg.eigh np.linalg.solve",
    ("man2019/model.py", "local_at_weak_coupling"): "np.linalg.eigvalsh",
    ("man2019/model.py", "_borders"): "np.einsum np.linalg.eigh np.linalg.eigvalsh np.linalg.solve",
}
# Products of one term each, sums of two, powers that Python rounds.
HARMLESS = {"**", "@"}


@cache
def names_of(module: str) -> tuple[Mapping[str, str], Mapping[str, ast.FunctionDef]]:
    """What a module imports, name by name, and the functions that it defines."""
    file = PROJECT.joinpath(*module.split(".")).with_suffix(".py")
    if not file.exists():
        return {}, {}
    tree = ast.parse(file.read_text(encoding="utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported = {a.asname or a.name: f"{node.module}.{a.name}" for node in froms for a in node.names}
    return imported, {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def reached(module: str, node: ast.AST, inner: Mapping[str, ast.FunctionDef], seen: set[ast.AST]) -> None:
    """Collect a function and all that it calls in collections and second methods."""
    if node in seen:
        return
    seen.add(node)
    imported, defined = names_of(module)
    for part in ast.walk(node):
        if not isinstance(part, ast.Name | ast.Attribute):
            continue
        head, *rest = ast.unparse(part).split(".")
        if not rest and (head in inner or head in defined):
            reached(module, inner.get(head, defined.get(head)), inner if head in inner else {}, seen)
        elif head in imported and imported[head].startswith(("qte.papers.", "qte.ledger.second")):
            home, _, name = ".".join([imported[head], *rest[:1]]).rpartition(".")
            if name in names_of(home)[1]:
                reached(home, names_of(home)[1][name], {}, seen)


def searches() -> Iterator[tuple[tuple[str, str], set[str]]]:
    """(part of the ledger, function) -> what the searches in it leave to libraries."""
    for file in sorted((PROJECT / "qte/papers").glob("*/checks/*.py")):
        module = ".".join(file.relative_to(PROJECT).with_suffix("").parts)
        for top in names_of(module)[1].values():
            inner = {node.name: node for node in ast.walk(top) if isinstance(node, ast.FunctionDef)}
            calls = [node for node in ast.walk(top) if isinstance(node, ast.Call)]
            seen: set[ast.AST] = set()
            for call in calls:
                if ast.unparse(call.func) in SEARCHES:
                    for argument in call.args:
                        reached(module, argument, inner, seen)
            yield (
                (f"{file.parts[-3]}/{file.name}", top.name),
                {name for node in seen for name in uses(node)} - HARMLESS,
            )


def test_no_search_of_the_ledger_climbs_along_a_library() -> None:
    found = {place: used for place, used in searches() if used}
    assert {place: " ".join(sorted(used)) for place, used in found.items()} == SEARCHED


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PROJECT / "qte")))
def test_nothing_else_is_left_to_the_processor(file: Path) -> None:
    found = sorted(set(uses(ast.parse(file.read_text(encoding="utf-8")))))
    assert found == LEFT.get(str(file.relative_to(PROJECT / "qte")), "").split()


def test_every_kind_of_use_is_seen() -> None:
    code = "from scipy.linalg import expm\nimport cmath\nnp.exp(x) + np.linalg.inv(a) + a @ b + x**y + x**2 + 2**n"
    assert sorted(uses(ast.parse(code))) == ["**", "@", "cmath", "np.exp", "np.linalg.inv", "scipy.linalg"]
