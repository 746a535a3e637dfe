// Talks to the stack with the official client; prints one JSON object with what it saw.
import OpenAI from "openai";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "Say something" }];

const models = [];
for await (const entry of client.models.list()) models.push(entry.id);

const completion = await client.completions.create({ model, prompt: "Hello", max_tokens: 7 });
const chat = await client.chat.completions.create({ model, messages, max_tokens: 7 });

let streamedText = "";
for await (const chunk of await client.completions.create({ model, prompt: "Hello", max_tokens: 7, stream: true })) {
  streamedText += chunk.choices[0]?.text ?? "";
}

let streamedChat = "";
let usage = null;
const stream = await client.chat.completions.create({ model, messages, max_tokens: 7, stream: true, stream_options: { include_usage: true } });
for await (const chunk of stream) {
  streamedChat += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}

let unknownModel = null;
try {
  await client.completions.create({ model: "no-such-model", prompt: "Hello" });
} catch (error) {
  unknownModel = { kind: error.constructor.name, status: error.status };
}

console.log(JSON.stringify({
  models,
  text: completion.choices[0].text,
  tokens: completion.usage.completion_tokens,
  streamedText,
  chat: chat.choices[0].message.content,
  streamedChat,
  streamedTokens: usage.completion_tokens,
  unknownModel,
}));
