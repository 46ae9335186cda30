"""What is left out of the generated requests, and why."""

import schemathesis
from schemathesis import GenerationMode


@schemathesis.hook
def filter_query(context, query):
    """Leaves out made-up cursors: only one that the server gave is valid.

    The empty one, which begins, stays. Others have tests of their own, in which
    real cursors are followed and altered.
    """
    return not query or query.get("cursor", "") == ""


@schemathesis.hook
def filter_case(context, case):
    """Leaves the run's own member, role and plan alone.

    They are the first of the new database. With another admin about, the run
    could take its own rights away, and on the free plan it would have no more
    than that: it would then test refusals only.
    """
    writes = case.method.upper() in ("PUT", "PATCH", "DELETE")
    row = str((case.path_parameters or {}).get("id"))
    members = case.path.startswith(("/api/users/", "/api/user-roles/"))
    if writes and members and row == "1":
        return False
    body = case.body if isinstance(case.body, dict) else {}
    free = body.get("plan_key") == "free" or str(body.get("plan_id")) == "1"
    return not (free and case.path.startswith(("/api/billing/change-plan/", "/api/subscriptions/")))


@schemathesis.hook("filter_case")
def filter_forms(context, case):
    """Leaves out made-up forms where an object may be sent, too: no made-up bytes are a picture.

    Real files are sent by tests of our own.
    """
    only_form = case.path.startswith("/api/data-import/")
    return only_form or case.media_type != "multipart/form-data"


@schemathesis.hook("filter_case")
def filter_separate_operations(context, case):
    """Leaves out broken operations of a bulk request that are to be done one by one.

    The answer is 200 then, and says of each what was wrong with it. Tests of our own
    read that; the same operations, done together, stay.
    """
    body = case.body if isinstance(case.body, dict) else {}
    broken = case.meta is not None and case.meta.generation.mode == GenerationMode.NEGATIVE
    return not (case.path.endswith("/bulk/") and broken and body.get("atomic") is False)
