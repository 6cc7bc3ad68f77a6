"""What is particular to S3: uploads of unknown length leave nothing behind, and bytes are checked."""

import os
from collections.abc import Iterator

import obstore
import pytest

from intake.errors import Unavailable
from intake.store.s3 import PART, S3Store
from tests import s3


def bucket() -> tuple[str, S3Store]:
    name = s3.fresh_bucket()
    connected = s3.connect(s3.server(), name)
    obstore.put(connected, "exists", b"")
    return name, S3Store(connected)


def test_upload_that_is_thrown_away_is_aborted_at_the_server() -> None:
    name, store = bucket()
    stage = store.stage()
    for _ in range(2):
        stage.write(os.urandom(PART))
        stage.flush()
    assert len(s3.started().unfinished_uploads(name)) == 1  # the test can see one
    stage.discard()
    assert s3.started().unfinished_uploads(name) == []
    assert list(store.names()) == []


def test_source_that_breaks_off_aborts_the_upload_of_a_moved_blob() -> None:
    name, store = bucket()

    def broken() -> Iterator[bytes]:
        yield os.urandom(PART)
        yield os.urandom(PART)
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError):
        store.put("ab" * 16, broken())
    assert s3.started().unfinished_uploads(name) == [] and list(store.names()) == []


def test_wrong_key_is_unavailable_and_stores_nothing() -> None:
    name, store = bucket()
    wrong = S3Store(
        obstore.store.S3Store(
            name,
            endpoint=s3.server(),
            access_key_id=s3.KEY,
            secret_access_key="wrong",
            region="us-east-1",
            client_options={"allow_http": True},
            virtual_hosted_style_request=False,
            retry_config={"max_retries": 0},
        )
    )
    stage = wrong.stage()
    stage.write(b"x")
    with pytest.raises(Unavailable):
        wrong.publish([(stage, "")])
    assert list(store.names()) == []
