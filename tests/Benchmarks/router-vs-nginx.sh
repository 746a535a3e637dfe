#!/usr/bin/env bash
# Requests per second of the Router and of nginx in front of the same engine, in one run: 2 KiB POSTs on 64 connections, loopback only.
# On a machine that others use too, the CPU time of each proxy per request says more than its rate.
# The engine is a second nginx that answers at once. Needs nginx and wrk (Debian: apt-get install nginx-light wrk) and a Release build of the Router.
#   tests/Benchmarks/router-vs-nginx.sh [POLICY|sidecar] [SECONDS]
set -eu
cd "$(dirname "$0")/../.."
policy=${1:-round_robin} seconds=${2:-8}
router=$(ls artifacts/*/bin/Router/release/LlmdAspire.Router.dll 2>/dev/null | head -1)
[ -n "$router" ] || { echo "build the Router first: dotnet build Router -c Release" >&2; exit 2; }
for tool in nginx wrk; do command -v $tool >/dev/null || { echo "$tool is not installed" >&2; exit 2; }; done

work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"' EXIT
engine=18701 proxy=18702 ours=18703 metrics=18704

common='pid PID; error_log /dev/null; daemon off; events { worker_connections 1024; }'
temp="client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s; access_log off; keepalive_requests 1000000000; client_body_buffer_size 64k;"
answer='{"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":"ok","finish_reason":"stop"}],"usage":{"prompt_tokens":500,"completion_tokens":1,"total_tokens":501}}'
cat > "$work/engine.conf" <<C
worker_processes 1; ${common/PID/$work/engine.pid}
http { $temp server { listen 127.0.0.1:$engine reuseport; default_type application/json;
  location = /v1/models { return 200 '{"object":"list","data":[{"id":"m","object":"model"}]}'; }
  location = /metrics { default_type text/plain; return 200 'vllm:num_requests_running{engine="0",model_name="m"} 0\n'; }
  location / { return 200 '$answer'; } } }
C
cat > "$work/proxy.conf" <<C
worker_processes 2; ${common/PID/$work/proxy.pid}
http { $temp upstream engines { server 127.0.0.1:$engine; keepalive 64; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:$proxy reuseport; location / { proxy_pass http://engines; proxy_http_version 1.1; proxy_set_header Connection ""; } } }
C
cat > "$work/post.lua" <<C
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"m","max_tokens":1,"prompt":"' .. string.rep("word ", 400) .. '"}'
C

nginx -c "$work/engine.conf" & pids+=($!)
nginx -c "$work/proxy.conf" & nginx=$! pids+=($!)
if [ "$policy" = sidecar ]; then
  mode="--mode sidecar --vllm-port $engine"
else
  mode="--prometheus-port $metrics --worker-urls http://127.0.0.1:$engine --policy $policy"
fi
# shellcheck disable=SC2086 # several words
dotnet "$router" --host 127.0.0.1 --port $ours $mode --log-level error > "$work/router.log" 2>&1 & ours_pid=$! pids+=($!)
for _ in $(seq 100); do curl -sf "http://127.0.0.1:$ours/readiness" >/dev/null 2>&1 && break; sleep 0.1; done
curl -sf "http://127.0.0.1:$ours/readiness" >/dev/null || { echo "the Router did not become ready:" >&2; cat "$work/router.log" >&2; exit 1; }

# CPU seconds of a process and its children, from start to now.
cpu() { for pid in "$1" $(pgrep -P "$1"); do sed 's/.*) //' "/proc/$pid/stat"; done | awk -v hz="$(getconf CLK_TCK)" '{ sum += $12 + $13 } END { print sum / hz }'; }

# Requests per second through a port, and the CPU microseconds per request of the process behind it.
measure() {
  before=$(cpu "$2")
  wrk -t1 -c64 -d"$3s" -s "$work/post.lua" "http://127.0.0.1:$1/v1/completions" > "$work/wrk.log"
  after=$(cpu "$2")
  awk -v cpu="$(awk -v a="$after" -v b="$before" 'BEGIN { print a - b }')" '
    /Non-2xx|Socket errors/ { bad = 1 } /requests in/ { requests = $1 } /Requests\/sec/ { rate = $2 }
    END { if (bad || !requests) exit 1; printf "%d %.1f\n", rate, cpu * 1e6 / requests }' "$work/wrk.log" || { cat "$work/wrk.log" >&2; exit 1; }
}

measure $ours $ours_pid 15 >/dev/null # the compiler's second tier
for round in 1 2 3; do
  theirs=$(measure $proxy $nginx "$seconds")
  own=$(measure $ours $ours_pid "$seconds")
  read -r n n_cpu r r_cpu <<< "$theirs $own"
  awk -v n="$n" -v r="$r" -v nc="$n_cpu" -v rc="$r_cpu" -v p="$policy" 'BEGIN {
    printf "nginx %d/s at %s us of CPU, Router (%s) %d/s at %s us: rate %.2f, CPU %.2f\n", n, nc, p, r, rc, r / n, nc / rc }'
done
