#include "train/network/losses.h"

#include <cmath>

namespace osler::train {

namespace {

constexpr std::int64_t kIgnored = -100;  // torch's own default
constexpr double kAsked = 0.15, kHidden = 0.8, kReplaced = 0.9;
constexpr double kContrastTemperature = 0.1;
constexpr double kBinaryShare = 0.5;  // of the binary cross-entropies beside the softmax one

namespace functional = torch::nn::functional;

torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& targets) {
  return functional::cross_entropy(logits, targets, functional::CrossEntropyFuncOptions().ignore_index(kIgnored));
}

/// Hides, replaces or keeps one piece; true if it is asked for.
bool disturb(std::int64_t& id, const neural::WordPiece& word_piece, const TrainingPhase& phase, Random& random) {
  if (phase.weights.masked == 0) {
    if (random.chance(phase.masked_words)) id = word_piece.mask();
    return false;
  }
  if (!random.chance(kAsked)) return false;
  const double at = random.uniform();
  if (at < kHidden) id = word_piece.mask();
  else if (at < kReplaced) id = static_cast<std::int64_t>(random.below(word_piece.size()));
  return true;
}

torch::Tensor row(const std::vector<std::int64_t>& values) { return torch::tensor(values, torch::kLong); }

/// Softmax cross-entropy learns the ranking quickly; the binary ones make each logit a log-odds of its own.
torch::Tensor condition_loss(const torch::Tensor& logits, const torch::Tensor& targets) {
  const torch::Tensor known = targets >= 0;
  const torch::Tensor rows = logits.index({known}), wanted = targets.index({known});
  if (rows.size(0) == 0) return torch::zeros({});
  const torch::Tensor positive = rows.gather(1, wanted.unsqueeze(1)).squeeze(1);
  const torch::Tensor binary = torch::softplus(rows).sum(1) - positive;
  return cross_entropy(rows, wanted) + kBinaryShare * binary.mean();
}

torch::Tensor span_means(const torch::Tensor& states, const TextBatch& batch) {
  // Sums up to each piece, so that a span's mean is a difference.
  const torch::Tensor sums = torch::cat({torch::zeros({states.size(0), 1, states.size(2)}), states.cumsum(1)}, 1);
  const torch::Tensor total = sums.index({batch.span_row, batch.span_last + 1}) - sums.index({batch.span_row, batch.span_first});
  return total / (batch.span_last - batch.span_first + 1).unsqueeze(1);
}

/// Supervised contrast (Khosla et al. 2020) over mean-pooled states: patients with the same condition attract.
torch::Tensor contrast_loss(const torch::Tensor& states, const TextBatch& batch) {
  const torch::Tensor mask = batch.mask.to(torch::kFloat).unsqueeze(2);
  const torch::Tensor vectors = functional::normalize((states * mask).sum(1) / mask.sum(1));
  const torch::Tensor same = (batch.conditions.unsqueeze(0) == batch.conditions.unsqueeze(1)).logical_and(batch.conditions.unsqueeze(0) >= 0);
  const torch::Tensor others = torch::eye(vectors.size(0), torch::kBool).logical_not();
  const torch::Tensor positive = same.logical_and(others).to(torch::kFloat);
  const torch::Tensor scores = torch::matmul(vectors, vectors.t()) / kContrastTemperature;
  const torch::Tensor logs = scores - torch::logsumexp(scores.masked_fill(others.logical_not(), -1e9), 1, true);
  const torch::Tensor counts = positive.sum(1);
  const torch::Tensor each = -(logs * positive).sum(1) / counts.clamp_min(1);
  return (each * (counts > 0).to(torch::kFloat)).sum() / (counts > 0).to(torch::kFloat).sum().clamp_min(1);
}

}  // namespace

TextBatch make_batch(const std::vector<TextExample>& examples, const neural::WordPiece& word_piece, const TrainingPhase& phase, Random& random) {
  const std::size_t count = examples.size();
  std::size_t length = 0;
  for (const TextExample& one : examples) length = std::max(length, one.ids.size());
  std::vector<std::int64_t> ids(count * length, word_piece.padding()), words(count * length, kIgnored), tags(count * length, kIgnored), conditions;
  std::vector<std::int64_t> rows, firsts, lasts, findings;
  TextBatch batch;
  for (std::size_t r = 0; r < count; ++r) {
    const TextExample& one = examples[r];
    batch.pieces += one.ids.size();
    conditions.push_back(one.condition == clinical::kNone ? kIgnored : static_cast<std::int64_t>(one.condition));
    for (std::size_t i = 0; i < one.ids.size(); ++i) {
      std::int64_t& id = ids[r * length + i];
      id = one.ids[i];
      const std::int64_t before = id;
      if (i > 0 && i + 1 < one.ids.size() && disturb(id, word_piece, phase, random)) words[r * length + i] = before;
      if (one.tags[i] != Tag::unknown) tags[r * length + i] = static_cast<std::int64_t>(one.tags[i]);
    }
    for (const SpanTarget& span : one.spans) {
      rows.push_back(static_cast<std::int64_t>(r));
      firsts.push_back(span.first);
      lasts.push_back(span.last);
      findings.push_back(span.finding);
    }
  }
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(count), static_cast<std::int64_t>(length)};
  batch.ids = row(ids).view(shape);
  batch.mask = batch.ids != static_cast<std::int64_t>(word_piece.padding());
  batch.word_targets = row(words).view(shape);
  batch.tags = row(tags).view(shape);
  batch.conditions = row(conditions);
  batch.span_row = row(rows);
  batch.span_first = row(firsts);
  batch.span_last = row(lasts);
  batch.span_finding = row(findings);
  return batch;
}

torch::Tensor losses(const TextNetwork& network, const TextBatch& batch, const LossWeights& weights, std::map<std::string, double>& parts) {
  const torch::Tensor states = network.hidden_states(batch.ids, batch.mask);
  torch::Tensor total = torch::zeros({});
  const auto add = [&](const char* name, double weight, const torch::Tensor& loss) {
    parts[name] = loss.item<double>();
    total = total + weight * loss;
  };
  if (weights.conditions > 0) add("conditions", weights.conditions, condition_loss(network.condition_logits(states.select(1, 0)), batch.conditions));
  const torch::Tensor flat = states.reshape({-1, states.size(2)});
  const torch::Tensor tags = batch.tags.reshape({-1});
  if (weights.tags > 0 && (tags >= 0).any().item<bool>()) {
    const torch::Tensor known = tags >= 0;
    add("tags", weights.tags, cross_entropy(network.tag_logits(flat.index({known})), tags.index({known})));
  }
  if (weights.findings > 0 && batch.span_row.size(0) > 0) add("findings", weights.findings, cross_entropy(network.finding_logits(span_means(states, batch)), batch.span_finding));
  if (weights.contrast > 0) add("contrast", weights.contrast, contrast_loss(states, batch));
  const torch::Tensor words = batch.word_targets.reshape({-1});
  if (weights.masked > 0 && (words >= 0).any().item<bool>()) {
    const torch::Tensor asked = words >= 0;
    add("masked", weights.masked, cross_entropy(network.word_logits(flat.index({asked})), words.index({asked})));
  }
  return total;
}

}  // namespace osler::train
