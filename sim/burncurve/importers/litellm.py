"""LiteLLM's spend logs: rows of LiteLLM_SpendLogs as CSV, JSON or JSON lines.

`prompt_tokens` includes what was read from and written to the provider's cache, which `metadata.usage_object` tells
(prompt_tokens_details.cached_tokens, cache_read_input_tokens, cache_creation_input_tokens), or where that is missing
`metadata.additional_usage_values` (github.com/BerriAI/litellm, proxy/spend_tracking/spend_tracking_utils.py). Some
versions left what Anthropic's models wrote out of the prompt (llms/anthropic, calculate_usage). `cache_hit` is about
LiteLLM's own cache of responses: such a row was served by no provider (docs.litellm.ai, spend tracking).
"""

from __future__ import annotations

import orjson

from burncurve.importers.calls import FIRST_OF_REQUEST, MAIN, MOST_TOOL_CALLS, UNKNOWN, Call, Meters
from burncurve.importers.frame import Format, Reader, Record, put
from burncurve.importers.inclusive import disjoint
from burncurve.importers.values import count, counted, mapping, name
from burncurve.ledger import Status

CLIENT = "LiteLLM"
REPEATED = "request repeated"
OWN_CACHE = "answered from the gateway's own cache, by no provider"
NO_MODEL = "row without a model"
NO_COUNTS = "row without token counts"
DAMAGED_METADATA = "metadata that cannot be read: what was cached is not known, all counts as input"
WRITTEN_APART = "written tokens exceed the rest of the prompt: taken as not included in it"


class Rows(Reader):
    """Reads one export."""

    def take(self, record: Record) -> str:
        request, model = name(record.get("request_id")), name(record.get("model"))
        key = (CLIENT, request)
        if str(record.get("cache_hit")).lower() == "true":
            return OWN_CACHE
        if not model:
            return NO_MODEL
        if not counted(record, "prompt_tokens", "completion_tokens"):
            return NO_COUNTS
        return put(self._calls, key, lambda: self._call(record, request, model), REPEATED)

    def _call(self, record: Record, request: str, model: str) -> Call:
        metadata = self._metadata(record)
        usage = mapping(metadata.get("usage_object")) or mapping(metadata.get("additional_usage_values"))
        failed = "failure" in (record.get("status"), metadata.get("status"))
        end_us = self._moment_us(record.get("endTime"))
        return Call(
            session=name(record.get("session_id")) or request or self._calls.tally.place,
            agent=name(record.get("agent_id")) or MAIN,
            project=name(record.get("team_id")),
            model=model or UNKNOWN,
            provider=name(record.get("custom_llm_provider")),
            client=CLIENT,
            status=int(Status.ERROR if failed else Status.OK),
            user_turn=FIRST_OF_REQUEST,
            start_us=self._moment_us(record.get("startTime")),
            first_token_us=self._moment_us(record.get("completionStartTime")),
            end_us=end_us,
            stated_pico=self._stated_pico(record.get("spend")),
            **self._meters(record, usage),
        )

    def _metadata(self, record: Record) -> Record:
        told = record.get("metadata")
        found = _unpacked(told)
        if told and not isinstance(found, dict):
            self._calls.tally.remark(DAMAGED_METADATA)
        return mapping(found)

    def _meters(self, record: Record, usage: Record) -> Meters:
        """Return disjoint meters; raises Absurd."""
        details, told = mapping(usage.get("prompt_tokens_details")), mapping(usage.get("completion_tokens_details"))
        prompt = count(record, "prompt_tokens")
        read = count(usage, "cache_read_input_tokens") or count(details, "cached_tokens")
        written = count(usage, "cache_creation_input_tokens") or count(details, "cache_creation_tokens")
        split = mapping(details.get("cache_creation_token_details"))
        hour, total = count(split, "ephemeral_1h_input_tokens"), count(record, "total_tokens")
        if read <= prompt < read + written:
            self._calls.tally.remark(WRITTEN_APART)
            prompt += written
        output, reasoning = count(record, "completion_tokens"), count(told, "reasoning_tokens")
        used = disjoint(self._calls.tally, prompt, read, written, output, reasoning, total, told=bool(split))
        searches = count(mapping(usage.get("server_tool_use")), "web_search_requests")
        return {
            **used,
            "cache_write_5m": written - min(hour, written),
            "cache_write_1h": min(hour, written),
            "web_searches": min(searches, MOST_TOOL_CALLS),
        }


def _unpacked(value: object) -> object:
    """Return the metadata, which a CSV holds as a JSON text."""
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        return None


def recognises(record: Record) -> bool:
    """Say whether a row is of LiteLLM's spend logs."""
    return "request_id" in record and "prompt_tokens" in record and "startTime" in record


FORMAT = Format("litellm", CLIENT, (), recognises, Rows, repeated=REPEATED, not_mine=NO_MODEL)
