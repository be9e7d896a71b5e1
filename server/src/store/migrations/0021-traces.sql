-- Where the request stands in a trace that somebody follows, as a traceparent of W3C Trace Context; null for all others.
alter table muster.task add column traceparent text collate "C";
