"""TensorFlow Serving's REST calls for one model, from a Python process."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from stylegan_tf.serving import rest
from stylegan_tf.serving.limits import Limits, Refusal, http_status
from stylegan_tf.serving.metrics import Metrics
from stylegan_tf.serving.worker import Job, RunError, Worker

MAX_REASON = 500  # letters: TensorFlow's messages hold a graph's nodes
HUNG_UP = 499  # nobody sees it but the metrics
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class Server:
    """Answers for one model.

    Args:
        name: the model's, in addresses.
        versions: a `Versions`.
        limits: a `Limits`.

    Attributes:
        app: the ASGI application.
    """

    def __init__(self, name: str, versions, limits: Limits):
        self._name, self._versions, self._limits = name, versions, limits
        self._worker = Worker(limits.batch, lambda size: self._metrics.batches.observe(size))
        self._metrics: Metrics = Metrics(
            waiting=lambda: len(self._worker), version=lambda: versions.current.version
        )
        self._in_flight = 0
        handlers: dict[Any, Callable] = {
            Refusal: refuse,
            HTTPException: no_such_call,
            Exception: failed,
        }
        self.app = Starlette(
            routes=[
                *self._model_routes(":predict", self.predict, "POST"),
                *self._model_routes("", self.status, "GET"),
                *self._model_routes("/metadata", self.metadata, "GET"),
                Route("/healthz", self.health),
                Route("/metrics", self.metrics),
            ],
            exception_handlers=handlers,
            lifespan=self._running,
        )

    async def predict(self, request: Request) -> Response:
        """Runs a signature of the model."""
        start, status = time.monotonic(), 500
        try:
            with self._admitted():
                response = await self._answer(request)
            status = response.status_code
            return response
        except ClientDisconnect:
            status = HUNG_UP
            return Response(status_code=HUNG_UP)
        except Refusal as refusal:
            status = refusal.status
            raise
        finally:
            self._metrics.requests.labels(status).inc()
            self._metrics.seconds.observe(time.monotonic() - start)

    async def status(self, request: Request) -> Response:
        """The versions of the model, and whether they can be used."""
        requested = request.path_params.get("version")
        states = {
            str(version): facts
            for version, facts in self._versions.status().items()
            if requested in (None, version)
        }
        if self._named(request) is None or not states:
            raise self._no_such_model(request)
        return answered(
            {
                "model_version_status": [
                    {
                        "version": version,
                        "state": state,
                        "status": {
                            "error_code": "UNKNOWN" if message else "OK",
                            "error_message": message,
                        },
                    }
                    for version, (state, message) in states.items()
                ]
            }
        )

    async def metadata(self, request: Request) -> Response:
        """The signatures of the model."""
        model = self._model(request)
        return answered(
            {
                "model_spec": {
                    "name": self._name,
                    "signature_name": "",
                    "version": str(model.version),
                },
                "metadata": {"signature_def": {"signature_def": model.signatures}},
            }
        )

    async def health(self, request: Request) -> Response:
        """The address is answered once a version is loaded and warmed up, and not before."""
        return Response("ok\n", media_type="text/plain")

    async def metrics(self, request: Request) -> Response:
        """What was counted."""
        return Response(self._metrics.text(), media_type=PROMETHEUS)

    def _model_routes(self, suffix, endpoint, method) -> list[Route]:
        paths = ("/v1/models/{name}", "/v1/models/{name}/versions/{version:int}")
        return [Route(path + suffix, endpoint, methods=[method]) for path in paths]

    @contextlib.asynccontextmanager
    async def _running(self, app):
        self._worker.start()
        self._versions.start()
        yield
        await asyncio.to_thread(self._versions.stop)
        await asyncio.to_thread(self._worker.stop)

    @contextlib.contextmanager
    def _admitted(self):
        """Counts a call while it is here; what comes on top of the most is sent away unread."""
        if self._in_flight >= self._limits.requests:
            message = f"{self._in_flight} requests are being answered; try again in a moment"
            raise Refusal(503, message, retry_after="1", connection="close")
        self._in_flight += 1
        self._metrics.in_flight.set(self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.set(self._in_flight)

    async def _answer(self, request: Request) -> Response:
        model = self._model(request)
        body = await self._limits.read(request)
        try:
            # In threads, as large bodies take a while and others should not wait for them.
            call = await asyncio.to_thread(rest.parse, body, model.inputs)
        except ValueError as error:
            raise Refusal(400, str(error)) from None
        self._limits.check(call.inputs)
        outputs = await self._run(request, Job(model, call.signature, call.inputs))
        text = await asyncio.to_thread(rest.answer, outputs, call.rows)
        return Response(text, media_type="application/json")

    async def _run(self, request: Request, job: Job):
        """The outputs of a job, if the client stays."""
        future = asyncio.wrap_future(job.future)
        gone = asyncio.ensure_future(request.receive())  # after the body there is no other message
        self._worker.submit(job)
        try:
            await asyncio.wait({future, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not future.done():
                raise ClientDisconnect
            return future.result()
        except RunError as error:
            raise refusal_of(error) from error
        finally:
            gone.cancel()
            future.cancel()
            self._worker.drop(job)

    def _named(self, request: Request):
        """Returns the model that is served, if the address names it."""
        return self._versions.current if request.path_params["name"] == self._name else None

    def _model(self, request: Request):
        model = self._named(request)
        if model is None or request.path_params.get("version", model.version) != model.version:
            raise self._no_such_model(request)
        return model

    def _no_such_model(self, request: Request) -> Refusal:
        here = f"{self._name}, version {self._versions.current.version}"
        return Refusal(404, f"{request.url.path}: no such model here; there is {here}")


def answered(value, status: int = 200, headers=None) -> Response:
    """Returns a JSON answer."""
    text = json.dumps(value) + "\n"
    return Response(text, status, headers, media_type="application/json")


def refusal_of(error: RunError) -> Refusal:
    """Returns the answer to a request whose run failed; the unforeseen goes to the log, too."""
    status = http_status(error.__cause__)
    if status == 500:
        logging.getLogger(__name__).error("a run of the model failed", exc_info=error.__cause__)
    return Refusal(status, " ".join(str(error).split())[:MAX_REASON])


async def refuse(request: Request, refusal: Refusal) -> Response:
    """A refusal as TensorFlow Serving puts it."""
    return answered({"error": str(refusal)}, refusal.status, refusal.headers)


async def no_such_call(request: Request, error: HTTPException) -> Response:
    """An address or method that there is not."""
    message = f"Malformed request: {request.method} {request.url.path}"
    return answered({"error": message}, error.status_code, error.headers)


async def failed(request: Request, error: Exception) -> Response:
    """What went wrong on our side; the traceback goes to the log."""
    return answered({"error": f"{type(error).__name__}: {error}"}, 500)
