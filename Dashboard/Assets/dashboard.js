// Four things the server cannot do alone: take in live parts, open "why here" in place, stream an answer, and follow a prompt on its way.
'use strict';

const part = name => document.querySelector(`[data-part="${name}"]`);
const live = document.getElementById('live');

// ---- live parts ---------------------------------------------------------------------------------------------------------------

// Makes `present` like `next` node by node, so that focus, selection and what the reader has opened survive an update.
function morph(present, next) {
  if (present.nodeType !== next.nodeType || present.nodeName !== next.nodeName) {
    present.replaceWith(next);
    return;
  }
  if (present.nodeType !== Node.ELEMENT_NODE) {
    if (present.nodeValue !== next.nodeValue) present.nodeValue = next.nodeValue;
    return;
  }
  for (const { name, value } of [...next.attributes]) {
    // What is open is the reader's business, not the server's.
    if (name !== 'aria-expanded' && present.getAttribute(name) !== value) present.setAttribute(name, value);
  }
  for (const { name } of [...present.attributes]) {
    if (!next.hasAttribute(name)) present.removeAttribute(name);
  }
  morphChildren(present, next);
}

const keyOf = node => node.nodeType === Node.ELEMENT_NODE ? node.dataset?.key : undefined;
const isKept = node => node?.nodeType === Node.ELEMENT_NODE && node.hasAttribute('data-keep');

function morphChildren(present, next) {
  const wantedKeys = new Set([...next.childNodes].map(keyOf));
  const byKey = new Map();
  for (const node of [...present.childNodes]) {
    if (!keyOf(node)) continue;
    if (wantedKeys.has(keyOf(node))) {
      byKey.set(keyOf(node), node);
      continue;
    }
    // What was opened below a row stays as long as its row.
    if (isKept(node.nextSibling)) node.nextSibling.remove();
    node.remove();
  }
  let place = present.firstChild;
  for (const wanted of [...next.childNodes]) {
    while (isKept(place)) place = place.nextSibling;
    const found = keyOf(wanted) ? byKey.get(keyOf(wanted)) : place && !keyOf(place) ? place : undefined;
    if (!found) {
      present.insertBefore(wanted, place);
      continue;
    }
    if (found === place) {
      place = place.nextSibling;
    } else {
      const below = isKept(found.nextSibling) ? found.nextSibling : null;
      present.insertBefore(found, place);
      if (below) present.insertBefore(below, place);
    }
    morph(found, wanted);
  }
  while (place) {
    const after = place.nextSibling;
    if (!isKept(place)) place.remove();
    place = after;
  }
}

function showParts(parts) {
  for (const [name, html] of Object.entries(parts)) {
    const present = part(name);
    if (!present) continue;
    const next = present.cloneNode(false);
    next.innerHTML = html;
    morphChildren(present, next);
  }
}

function tell(text, state) {
  if (live.textContent !== text) live.textContent = text;
  live.dataset.state = state;
}

let source;
function follow() {
  source = new EventSource('/api/stream');
  source.addEventListener('parts', event => {
    showParts(JSON.parse(event.data));
    tell('live', 'live');
    openFromAddress();
  });
  source.addEventListener('error', () => {
    tell('connection lost, trying again', 'lost');
    // The browser tries again by itself unless the server refused outright.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => document.hidden || follow(), 5000);
  });
}

// A hidden tab looks at nothing, and so the server need not look either.
document.addEventListener('visibilitychange', () => {
  source.close();
  if (document.hidden) tell('paused', 'paused');
  else follow();
});

// ---- why here -----------------------------------------------------------------------------------------------------------------

const rowOf = id => document.getElementById('r-' + encodeURIComponent(id));

async function toggle(row, open) {
  const link = row.querySelector('.time a');
  const below = isKept(row.nextElementSibling) ? row.nextElementSibling : null;
  open ??= !below;
  link.setAttribute('aria-expanded', String(open));
  if (!open || below) {
    if (!open) below?.remove();
    return;
  }
  const why = document.createElement('tr');
  why.className = 'why';
  why.dataset.keep = '';
  const cell = why.insertCell();
  cell.colSpan = row.cells.length;
  cell.textContent = '…';
  row.after(why);
  try {
    const answer = await fetch('/api/why?request=' + encodeURIComponent(row.dataset.key));
    if (!answer.ok) throw new Error(String(answer.status));
    cell.innerHTML = await answer.text();
  } catch {
    cell.textContent = 'The dashboard does not answer.';
  }
}

part('requests').addEventListener('click', event => {
  const row = event.target.closest('tr.request');
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
  event.preventDefault();
  toggle(row);
});

// The row a link points to may arrive a moment after the link.
let wanted;
function openFromAddress() {
  const row = wanted && rowOf(wanted);
  if (!row) return;
  wanted = undefined;
  toggle(row, true);
  row.scrollIntoView({ block: 'center' });
  row.querySelector('.time a').focus({ preventScroll: true });
}

// ---- playground ---------------------------------------------------------------------------------------------------------------

const form = document.getElementById('playground');
const answerBox = document.getElementById('answer');
const facts = document.getElementById('facts');
const sendButton = document.getElementById('send');
const stopButton = document.getElementById('stop');
let running;

const fact = name => facts.querySelector(`[data-fact="${name}"]`);
const withoutScheme = endpoint => endpoint.replace(/^https?:\/\//, '');
const inTime = ms => ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

function showFact(name, text) {
  fact(name).textContent = text || '–';
}

// The data of each server-sent event of a response, as it comes.
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? '\n' : value;
    const lines = rest.split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim();
    if (done) return;
  }
}

async function showAnswer(response, started) {
  let first = true;
  for await (const data of eventsOf(response)) {
    if (data === '[DONE]') continue;
    const event = JSON.parse(data);
    if (event.error) throw new Error(event.error.message ?? 'the stream broke');
    const text = event.choices?.[0]?.delta?.content;
    if (text) {
      if (first) showFact('first-token', inTime(performance.now() - started));
      first = false;
      answerBox.append(text);
      answerBox.scrollTop = answerBox.scrollHeight;
    }
    if (event.usage) showFact('tokens', `${event.usage.prompt_tokens} → ${event.usage.completion_tokens}`);
  }
}

// Where the prompt is right now. It ends with the Router's own account of the request, which comes a moment after the answer.
const travel = document.getElementById('travel');

function newRequestId() {
  return 'play-' + [...crypto.getRandomValues(new Uint8Array(12))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

async function followPath(id, isRunning) {
  travel.hidden = true;
  travel.textContent = '';
  for (let after = 0; after < 20; after += isRunning() ? 0 : 1) {
    const answer = await fetch('/api/path?request=' + encodeURIComponent(id)).catch(() => null);
    if (travel.dataset.request !== id) return;
    if (answer?.ok) {
      const next = travel.cloneNode(false);
      next.innerHTML = await answer.text();
      morphChildren(travel, next);
      travel.hidden = !travel.querySelector('.step');
      if (travel.querySelector('[data-step=router]:not(.is-running)')) return;
    }
    await new Promise(resolve => setTimeout(resolve, 250));
  }
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  if (running) return;
  running = new AbortController();
  sendButton.disabled = true;
  stopButton.hidden = false;
  answerBox.hidden = facts.hidden = false;
  answerBox.textContent = '';
  answerBox.className = 'answer';
  for (const each of facts.querySelectorAll('[data-fact]')) each.textContent = '–';
  fact('request').removeAttribute('href');
  const started = performance.now();
  const requestId = newRequestId();
  const mine = running;
  travel.dataset.request = requestId;
  followPath(requestId, () => running === mine);
  try {
    const response = await fetch('/api/send', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: form.model.value, prompt: form.prompt.value, max_tokens: Number(form['max-tokens'].value), request_id: requestId }),
      signal: running.signal,
    });
    showFact('endpoint', withoutScheme(response.headers.get('x-llmd-endpoint') ?? ''));
    const id = response.headers.get('x-request-id');
    if (id) {
      fact('request').textContent = id;
      fact('request').href = '/?request=' + encodeURIComponent(id);
      fact('request').dataset.request = id;
    }
    if (!response.ok) {
      const body = await response.json().catch(() => null);
      throw new Error(body?.error?.message ?? body?.error ?? `answered ${response.status}`);
    }
    await showAnswer(response, started);
    answerBox.classList.add('done');
  } catch (error) {
    const stopped = running.signal.aborted;
    answerBox.classList.add(stopped ? 'done' : 'failed');
    if (!stopped) answerBox.append((answerBox.textContent ? '\n' : '') + error.message);
  } finally {
    showFact('duration', inTime(performance.now() - started));
    running = undefined;
    sendButton.disabled = false;
    stopButton.hidden = true;
  }
});

stopButton.addEventListener('click', () => running?.abort());

form.prompt.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

fact('request').addEventListener('click', event => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !event.currentTarget.dataset.request) return;
  event.preventDefault();
  wanted = event.currentTarget.dataset.request;
  openFromAddress();
});

follow();
