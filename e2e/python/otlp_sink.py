#!/usr/bin/env python3
"""An OpenTelemetry collector that only listens: OTLP over gRPC on a free port of this machine.

    otlp_sink.py OUTPUT

Prints its port, then appends a JSON line per span, `{"service", "name", "trace", "span", "parent"}`
in hexadecimal, and per metric, `{"service", "metric", "unit", "kinds"}` (`kinds`: values of its
label `kind`), until its standard input ends.
"""

import concurrent.futures
import json
import sys
import threading

import grpc
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2,
    metrics_service_pb2_grpc,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

LOCK = threading.Lock()


def text(attributes, name):
    """The text of an attribute; empty when there is none."""
    return next((a.value.string_value for a in attributes if a.key == name), "")


def kinds(metric):
    """Values of the label `kind` over a metric's points."""
    data = getattr(metric, metric.WhichOneof("data"))
    return sorted({text(point.attributes, "kind") for point in data.data_points} - {""})


class Sink(
    trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer
):
    """Both services share the method `Export`, so they are told apart by the request."""

    def __init__(self, output):
        self.output = output

    def write(self, line):
        with LOCK:
            print(json.dumps(line), file=self.output, flush=True)

    def Export(self, request, context):  # noqa: N802, the contract's name
        if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
            for part in request.resource_spans:
                service = text(part.resource.attributes, "service.name")
                for span in (span for scope in part.scope_spans for span in scope.spans):
                    self.write(
                        {
                            "service": service,
                            "name": span.name,
                            "trace": span.trace_id.hex(),
                            "span": span.span_id.hex(),
                            "parent": span.parent_span_id.hex(),
                        }
                    )
            return trace_service_pb2.ExportTraceServiceResponse()
        for part in request.resource_metrics:
            service = text(part.resource.attributes, "service.name")
            for metric in (metric for scope in part.scope_metrics for metric in scope.metrics):
                line = {"service": service, "metric": metric.name, "unit": metric.unit}
                self.write(line | {"kinds": kinds(metric)})
        return metrics_service_pb2.ExportMetricsServiceResponse()


def main():
    with open(sys.argv[1], "a", encoding="utf-8") as output:
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=4))
        sink = Sink(output)
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(sink, server)
        metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(sink, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        print(port, flush=True)
        sys.stdin.read()
        server.stop(grace=1).wait()


main()
