"""A contract of `.importlinter` that import-linter itself does not have: no module imports itself through others.

Its own `acyclic_siblings` looks at packages as wholes, and so forbids what the engine is built on: a family's
contract in the package's `__init__`, imported from outside, with members that import from outside.
"""

from graphlib import CycleError, TopologicalSorter

import grimp
from importlinter import Contract, ContractCheck, output


class AcyclicModules(Contract):
    """Kept when the modules of the root packages can be ordered so that each imports earlier ones only.

    Imports that only a type checker follows are left out: the server's type names its grants, a grant's the server.
    """

    type_name = "acyclic_modules"

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Look for a cycle of imports; the first one found is told."""
        graph = grimp.build_graph(*self.session_options["root_packages"], exclude_type_checking_imports=True)
        imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
        try:
            TopologicalSorter(imports).prepare()
        except CycleError as error:
            return ContractCheck(kept=False, metadata={"cycle": error.args[1][::-1]})
        return ContractCheck(kept=True)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the cycle, each module with the one that it imports."""
        output.print_error(" -> ".join(check.metadata["cycle"]))
