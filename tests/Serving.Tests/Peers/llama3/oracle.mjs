// node oracle.mjs TOKENIZER_JSON TEXTS_JSON: writes a tokenizer.json with the package's vocabulary and merges, and prints
// {"ids":[...],"decoded":[...],"nfc":[...]} for a list of texts.
import { readFileSync, writeFileSync } from 'node:fs';
import tokenizer from 'llama3-tokenizer-js';

const [file, textsFile] = process.argv.slice(2);
const first = tokenizer.getSpecialTokenId('<|begin_of_text|>');
const words = '(?i:\'s|\'t|\'re|\'ve|\'m|\'ll|\'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
writeFileSync(file, JSON.stringify({
  added_tokens: tokenizer.vocabById.slice(first).map((content, i) => ({ id: first + i, content, special: true, normalized: false })),
  normalizer: null,
  pre_tokenizer: { type: 'Sequence', pretokenizers: [
    { type: 'Split', pattern: { Regex: words }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }] },
  post_processor: { type: 'Sequence', processors: [
    { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
    { type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<|begin_of_text|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      special_tokens: { '<|begin_of_text|>': { id: '<|begin_of_text|>', ids: [first], tokens: ['<|begin_of_text|>'] } } }] },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: true,
    vocab: Object.fromEntries(tokenizer.vocabById.slice(0, first).map((token, id) => [token, id])),
    merges: [...tokenizer.merges.keys()],
  },
}));

const texts = JSON.parse(readFileSync(textsFile, 'utf8'));
const ids = texts.map(text => tokenizer.encode(text, { bos: true, eos: false }));
process.stdout.write(JSON.stringify({
  ids,
  decoded: ids.map(tokens => tokenizer.decode(tokens.slice(1))),
  nfc: texts.map(text => text.normalize('NFC')),
}));
