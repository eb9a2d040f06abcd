const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What is counted while a model is served, in the text format of Prometheus. */
export class ServerMetrics {
  inFlight = 0;
  reloads = 0;
  failedReloads = 0;
  #rows = 0;
  #sum = 0;
  readonly #requests = new Map<string, number>();
  readonly #buckets = new Array<number>(bounds.length).fill(0);

  /** @param protocol `v1`, `v2` or `other` */
  answered(protocol: string, status: number, seconds: number, rows: number): void {
    const key = `protocol="${protocol}",code="${status}"`;
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    this.#sum += seconds;
    this.#rows += rows;
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
  }

  /** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text({ name, version }: { readonly name: string; readonly version: string }): string {
    const count = [...this.#requests.values()].reduce((sum, one) => sum + one, 0);
    let below = 0;
    const buckets = bounds.map((bound, at) => {
      below += this.#buckets[at] as number;
      return `tenon_request_duration_seconds_bucket{le="${bound}"} ${below}`;
    });
    return `${[
      ...described("tenon_requests_total", "counter", "Requests that were answered."),
      ...[...this.#requests].map(([labels, number]) => `tenon_requests_total{${labels}} ${number}`),
      ...described("tenon_request_duration_seconds", "histogram", "Seconds from a request's arrival to its answer."),
      ...buckets,
      `tenon_request_duration_seconds_bucket{le="+Inf"} ${count}`,
      `tenon_request_duration_seconds_sum ${this.#sum}`,
      `tenon_request_duration_seconds_count ${count}`,
      ...described("tenon_requests_in_flight", "gauge", "Requests that are being answered."),
      `tenon_requests_in_flight ${this.inFlight}`,
      ...described("tenon_predicted_rows_total", "counter", "Rows that were predicted."),
      `tenon_predicted_rows_total ${this.#rows}`,
      ...described("tenon_model_reloads_total", "counter", "Versions that took the place of another."),
      `tenon_model_reloads_total ${this.reloads}`,
      ...described("tenon_model_reload_failures_total", "counter", "Versions that could not be loaded."),
      `tenon_model_reload_failures_total ${this.failedReloads}`,
      ...described("tenon_model_info", "gauge", "The version that answers."),
      `tenon_model_info{model="${escaped(name)}",version="${escaped(version)}"} 1`,
      ...described("process_resident_memory_bytes", "gauge", "Memory of the process."),
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    ].join("\n")}\n`;
  }
}

function described(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function escaped(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
