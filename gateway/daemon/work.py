"""What a worker does with an errand: it reads the job and runs it from where it stands."""

from __future__ import annotations

from collections.abc import Callable

from gateway.core.errors import SealgateError
from gateway.core.job import Job
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.runner import Runner
from gateway.ports import Errand


class JobWork:
    """The `Work` of one process."""

    def __init__(self, equipment: Equipment, say: Callable[[str], None]) -> None:
        self._equipment = equipment
        self._runner = Runner(equipment)
        self._say = say
        self.fenced = False
        """Others have taken over from this process."""

    def __call__(self, errand: Errand) -> Job | None:
        """Run a job, unless somebody else has changed it meanwhile."""
        try:
            job = self._equipment.jobs.get(errand.job)
            if job is None or job.version != errand.version:
                return job
            return self._runner.run(job, probing=errand.probing)
        except SealgateError as error:
            # The ledger itself failed, so nothing could be written down.
            self._say(f"{errand.job}: {error}")
            self.fenced = self.fenced or error.code == "ledger.fenced"
            return None
