"""Anybody's program reads what a testimony consists of."""

import pytest

from intake.record import questions, schema, vocabulary
from tests.service import Service


def test_a_program_reads_the_schema_each_vocabulary_and_each_section(service: Service) -> None:
    got = service.http.get(f"{service.url}/v1/schema/testimony-1.json")
    assert (
        got.json() == schema.testimony_schema() and got.headers["content-type"] == "application/schema+json"
    )
    for name in vocabulary.NAMES:
        terms = service.http.get(f"{service.url}/v1/vocabularies/{name}").json()
        assert {term["code"] for term in terms["terms"]} == set(vocabulary.vocabulary(name).codes)
    for section in [s.id for s in questions.sections()] + ["medium"]:
        asked = service.http.get(f"{service.url}/v1/questions/{section}").json()
        assert len(questions.parse_questions(asked["questions"])) == len(asked["questions"])


@pytest.mark.parametrize(
    "path", ["vocabularies/nothing", "vocabularies/..%2f..", "questions/nothing", "schema/2"]
)
def test_what_is_not_there_is_not_found(service: Service, path: str) -> None:
    assert service.http.get(f"{service.url}/v1/{path}").status_code == 404
