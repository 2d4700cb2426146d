"""Make the project importable from everywhere in its own environment, without building a package.

Writes one ``.pth`` file with the project's folder into the running interpreter's site-packages. A copy of the
project that borrows this environment still uses its own ``qte``: the Snakefile and pytest put their folder first.
"""

import sysconfig
from pathlib import Path

if __name__ == "__main__":
    project = Path(__file__).resolve().parents[3]
    # A line of code, not a bare path: Python 3.11 reads the file in the locale's encoding, which may be ASCII.
    line = f"import sys; sys.path.append({str(project)!a})\n"
    Path(sysconfig.get_path("purelib"), "qte-project.pth").write_text(line, encoding="ascii")
