"""What all tests begin with; and how long Hypothesis looks: `quick`, or `ci` where `CI` is set, or what `HYPOTHESIS_PROFILE` says.

`ci`, `glance` and `mutation` take the same examples in every run. `glance` is for the same tests on one Python more; `mutation` is for mutants, which
only have to fail, so that no example is made smaller; `deep` is for a night.
"""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, Phase, settings

import commspec  # noqa: F401 — before pytest imports a module of it by its path, and some of its classes twice

# A slow machine is no fault of the code: no deadlines. What must be fast is measured by benchmarks/.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)

settings.register_profile("quick", _PATIENT, max_examples=50)
settings.register_profile("ci", _PATIENT, max_examples=50, derandomize=True)
settings.register_profile("glance", _PATIENT, max_examples=10, derandomize=True)
settings.register_profile("mutation", settings.get_profile("glance"), phases=[Phase.explicit, Phase.generate])
settings.register_profile("deep", _PATIENT, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "quick"))

# The fuzz target is a program of its own, and atheris may be missing.
collect_ignore = ["tests/fuzz"]

# In the background or under nohup, signals are ignored, and so they would be by the processes that tests send them to.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
