"""What vllm bench serve would print and save of the requests that ScriptedServerTests scripts.

Made with Python's own formatting and numpy, so that the tests hold the C# to something that is not C#:

    /usr/bin/python3 definitions.py table > table.txt
    /usr/bin/python3 definitions.py json > result.json

Needs numpy (Debian: python3-numpy). The checked-in files were made with numpy 1.24.2.
"""
import json
import math
import sys

import numpy as np

# Seconds: when sent, first chunk, gaps, prompt tokens, output tokens. Only those that succeed; two that fail lie between them.
REQUESTS = [
    (0.0, 0.125, [0.010, 0.030], 7, 3),
    (0.5, 0.25, [0.0205, 0.0405, 0.7], 9, 4),
    (1.75, 0.0625, [], 5, 1),
]
DURATION = 2.0
FAILED = 3
GOODPUT = {"ttft": 200.0, "e2el": 1000.0}

ttfts = [first for _, first, _, _, _ in REQUESTS]
itls = [gap for *_, gaps, _, _ in REQUESTS for gap in gaps]
e2els = [first + sum(gaps) for _, first, gaps, _, _ in REQUESTS]
tpots = [(e2el - first) / (out - 1) for (_, first, _, _, out), e2el in zip(REQUESTS, e2els) if out > 1]
total_input = sum(request[3] for request in REQUESTS)
total_output = sum(request[4] for request in REQUESTS)
good = sum(1 for first, e2el in zip(ttfts, e2els) if first * 1000 <= GOODPUT["ttft"] and e2el * 1000 <= GOODPUT["e2el"])

start = min(request[0] for request in REQUESTS)
end = max(request[0] + e2el for request, e2el in zip(REQUESTS, e2els))
chunks = np.zeros(math.ceil(end - start) + 1)
active = np.zeros(len(chunks))
for (sent, first, gaps, _, _), e2el in zip(REQUESTS, e2els):
    time = sent + first - start
    for gap in [0.0, *gaps]:
        time += gap
        chunks[int(time)] += 1
    for second in range(int(sent - start), int(sent + e2el - start) + 1):
        active[second] += 1

METRICS = [
    ("ttft", "TTFT", "Time to First Token", ttfts),
    ("tpot", "TPOT", "Time per Output Token (excl. 1st token)", tpots),
    ("itl", "ITL", "Inter-token Latency", itls),
    ("e2el", "E2EL", "End-to-end Latency", e2els),
]
PERCENTILES = [(50.0, "50"), (99.9, "99.9")]


def table():
    def line(label, value, form):
        print(("{:<40} {:<10" + form + "}").format(label, value))

    print("{s:{c}^{n}}".format(s=" Serving Benchmark Result ", n=50, c="="))
    line("Successful requests:", len(REQUESTS), "")
    line("Failed requests:", FAILED, "")
    line("Maximum request concurrency:", 1, "")
    line("Benchmark duration (s):", DURATION, ".2f")
    line("Total input tokens:", total_input, "")
    line("Total generated tokens:", total_output, "")
    line("Request throughput (req/s):", len(REQUESTS) / DURATION, ".2f")
    line("Request goodput (req/s):", good / DURATION, ".2f")
    line("Output token throughput (tok/s):", total_output / DURATION, ".2f")
    line("Peak output token throughput (tok/s):", float(np.max(chunks)), ".2f")
    line("Peak concurrent requests:", np.max(active), ".2f")
    line("Total token throughput (tok/s):", (total_input + total_output) / DURATION, ".2f")
    for _, name, header, values in METRICS:
        print("{s:{c}^{n}}".format(s=header, n=50, c="-"))
        line(f"Mean {name} (ms):", np.mean(values) * 1000, ".2f")
        line(f"Median {name} (ms):", np.median(values) * 1000, ".2f")
        for percentile, word in PERCENTILES:
            line(f"P{word} {name} (ms):", np.percentile(values, percentile) * 1000, ".2f")
    print("=" * 50)


def result():
    figures = {
        "date": "20260101-000000", "endpoint_type": "vllm", "backend": "vllm", "label": None, "model_id": "org/test-model", "tokenizer_id": "builtin",
        "num_prompts": 6, "gpu": "none", "request_rate": "inf", "burstiness": 1.0, "max_concurrency": 1, "duration": DURATION,
        "completed": len(REQUESTS), "failed": FAILED, "total_input_tokens": total_input, "total_output_tokens": total_output,
        "request_throughput": len(REQUESTS) / DURATION, "request_goodput": good / DURATION, "output_throughput": total_output / DURATION,
        "total_token_throughput": (total_input + total_output) / DURATION, "max_output_tokens_per_s": float(np.max(chunks)),
        "max_concurrent_requests": int(np.max(active)), "rtfx": 0.0,
    }
    for key, _, _, values in METRICS:
        figures[f"mean_{key}_ms"] = np.mean(values) * 1000
        figures[f"median_{key}_ms"] = np.median(values) * 1000
        figures[f"std_{key}_ms"] = np.std(values) * 1000
        for percentile, word in PERCENTILES:
            figures[f"p{word}_{key}_ms"] = np.percentile(values, percentile) * 1000
    print(json.dumps(figures))


table() if sys.argv[1] == "table" else result()
