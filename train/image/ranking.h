// How well scores tell films of one label from the others.
#pragma once

#include <cstddef>
#include <vector>

namespace osler::train {

/// The probability that a film with the label scores higher than one without it, ties counting half (Mann and Whitney 1947); 0.5 where one side is empty. Thread-safe.
double area_under_curve(const std::vector<double>& scores, const std::vector<bool>& has_label);

/// The mean over labels of each against the rest; of two labels the same as of one. `scores` [film][label]. Thread-safe.
double mean_area_under_curve(const std::vector<std::vector<double>>& scores, const std::vector<std::size_t>& labels);

}  // namespace osler::train
