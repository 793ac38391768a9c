// In which order an epoch sees the films.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace osler::train {

/// Positions in `labels`, shuffled, always the same for a seed and an epoch. `sampling`: "as_is": each once; "over": films of rarer labels again, drawn anew each
/// epoch, until every label is as frequent as the most frequent; "under": of more frequent labels only as many as the least frequent has, drawn likewise.
/// Thread-safe.
std::vector<std::size_t> epoch_order(const std::vector<std::size_t>& labels, const std::string& sampling, std::uint64_t seed, std::uint64_t epoch);

/// films / (labels * films of the label), so that every label counts the same; `count` labels, each with a film. Thread-safe.
std::vector<double> balanced_weights(const std::vector<std::size_t>& labels, std::size_t count);

}  // namespace osler::train
