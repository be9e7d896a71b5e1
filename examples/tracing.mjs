// Loaded ahead of Muster, this sends its spans to an OpenTelemetry collector: see "Following a request" in docs/operating.md.
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

trace.setGlobalTracerProvider(
	new TracerProvider({
		// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
		resource: defaultResource().merge(detectResources({ detectors: [envDetector] })),
		// OTEL_EXPORTER_OTLP_ENDPOINT, and the other variables of the exporter
		spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
	}),
);
