-- wrk script: POST one short completion again and again. MAX_TOKENS and STREAM come from the environment.
local tokens = os.getenv("MAX_TOKENS") or "8"
local stream = os.getenv("STREAM") or "false"
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"prompt":"Once upon a time there was a","ignore_eos":true,"max_tokens":' .. tokens .. ',"stream":' .. stream .. '}'
