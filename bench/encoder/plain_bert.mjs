// A BERT for sequence classification in plain double-precision loops: the reference that the written graphs are tested against.

const rowsOf = (values, width) => Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** erf by its series: exact to 1e-9 up to 4, beyond which it is 1 to 2e-8. */
function erf(x) {
  if (Math.abs(x) > 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-16 * Math.abs(sum); ++n) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const GELU = {
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  gelu_new: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  relu: (x) => Math.max(0, x),
};

function softmax(scores) {
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** `floats(name)` gives a tensor by Hugging Face's name. Returns {logits, hidden: [length][width]} of one sequence. */
export function plainForward(config, floats, ids) {
  const { hidden_size: width, num_attention_heads: heads } = config;
  const dense = (x, name) => {
    const weights = rowsOf(floats(`${name}.weight`), x[0].length);
    const bias = floats(`${name}.bias`);
    return x.map((row) => weights.map((column, i) => dot(row, column) + bias[i]));
  };
  const norm = (x, name) => x.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const scale = 1 / Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width + config.layer_norm_eps);
    return row.map((value, i) => (value - mean) * scale * floats(`${name}.LayerNorm.weight`)[i] + floats(`${name}.LayerNorm.bias`)[i]);
  });
  const plus = (a, b) => a.map((row, i) => row.map((value, j) => value + b[i][j]));
  const attend = (x, name) => {
    const [query, key, value] = ['query', 'key', 'value'].map((part) => dense(x, `${name}.${part}`));
    const size = width / heads;
    return x.map((_, i) => Array.from({ length: heads }, (__, head) => {
      const part = (row) => row.slice(head * size, (head + 1) * size);
      const weights = softmax(key.map((row) => dot(part(query[i]), part(row)) / Math.sqrt(size)));
      return Array.from({ length: size }, (___, j) => dot(weights, value.map((row) => row[head * size + j])));
    }).flat());
  };
  const table = (name) => rowsOf(floats(`bert.embeddings.${name}.weight`), width);
  const [words, places, types] = [table('word_embeddings'), table('position_embeddings'), table('token_type_embeddings')];
  let x = norm(ids.map((id, i) => Array.from(words[id], (value, j) => value + places[i][j] + types[0][j])), 'bert.embeddings');
  for (let layer = 0; layer < config.num_hidden_layers; ++layer) {
    const name = `bert.encoder.layer.${layer}`;
    x = norm(plus(x, dense(attend(x, `${name}.attention.self`), `${name}.attention.output.dense`)), `${name}.attention.output`);
    const inner = dense(x, `${name}.intermediate.dense`).map((row) => row.map(GELU[config.hidden_act]));
    x = norm(plus(x, dense(inner, `${name}.output.dense`)), `${name}.output`);
  }
  const pooled = dense([x[0]], 'bert.pooler.dense').map((row) => row.map(Math.tanh));
  return { logits: dense(pooled, 'classifier')[0], hidden: x };
}
