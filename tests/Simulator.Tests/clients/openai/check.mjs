// Drives one engine with the official client; prints one JSON object with what it saw.
import OpenAI from "openai";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "What is the weather in Oslo?" }];
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const tools = [{ type: "function", function: { name: "weather", parameters } }];

// The client's own loop: it calls the function and gives the result back until the model answers in text.
let called = null;
const runner = client.chat.completions.runTools({
  model,
  messages,
  tools: [{ type: "function", function: { name: "weather", parameters, parse: JSON.parse, function: (args) => { called = args; return "rain"; } } }],
});
const finalContent = await runner.finalContent();

const required = await client.chat.completions.create({ model, messages, tools, tool_choice: "required" });
const stream = client.chat.completions.stream({ model, messages, tools, tool_choice: "required" });
const streamed = await stream.finalChatCompletion();

const structured = await client.chat.completions.create({
  model, messages, response_format: { type: "json_schema", json_schema: { name: "place", schema: parameters, strict: true } },
});
const logprobs = await client.chat.completions.create({ model, messages, max_tokens: 3, logprobs: true, top_logprobs: 2 });

const float = await client.embeddings.create({ model, input: ["one", "two"], encoding_format: "float", dimensions: 16 });
// Without a format the client asks for base64 and decodes it.
const decoded = await client.embeddings.create({ model, input: ["one", "two"], dimensions: 16 });

const response = await client.responses.create({ model, input: "Say something", max_output_tokens: 12 });
let deltas = "";
let completed = null;
for await (const event of await client.responses.create({ model, input: "Say something", max_output_tokens: 12, stream: true })) {
  if (event.type === "response.output_text.delta") deltas += event.delta;
  if (event.type === "response.completed") completed = event.response;
}

const responseCall = await client.responses.create({ model, input: "Weather?", tools: [{ type: "function", name: "weather", parameters }], tool_choice: "required" });

const errors = [];
for (const attempt of [
  () => client.chat.completions.create({ model: "no-such-model", messages }),
  () => client.chat.completions.create({ model, messages, n: 0 }),
  () => client.responses.retrieve("resp_unknown"),
]) {
  try {
    await attempt();
    errors.push(null);
  } catch (error) {
    errors.push(error.constructor.name);
  }
}

const call = (completion) => completion.choices[0].message.tool_calls[0].function;
console.log(JSON.stringify({
  called,
  finalContent,
  required: { name: call(required).name, arguments: JSON.parse(call(required).arguments) },
  streamed: { name: call(streamed).name, arguments: JSON.parse(call(streamed).arguments) },
  structured: JSON.parse(structured.choices[0].message.content),
  logprobs: logprobs.choices[0].logprobs.content.map((entry) => entry.top_logprobs.length),
  float: float.data.map((entry) => entry.embedding),
  decoded: decoded.data.map((entry) => Array.from(entry.embedding)),
  responseText: response.output_text,
  deltas,
  completedText: completed.output[0].content[0].text,
  responseCall: responseCall.output[0].name,
  errors,
}));
