// How fast a confidence falls when parts of a case are taken away one after the other, and how fast it rises when they come back
// (deletion and insertion, Petsiuk et al. 2018): what an order of importance is worth.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <random>
#include <vector>

#include "reasoning/attribution.h"

namespace osler::evaluate {

inline constexpr std::size_t kShareSteps = 20;

/// Confidences at 0, 1/20, 2/20 ... of the parts (the nearest whole number of them).
using ShareCurve = std::array<double, kShareSteps + 1>;

/// Calibrated confidence, in [0, 1], when only the parts that are true are there.
using PartConfidence = std::function<double(const reasoning::Coalition& present)>;

/// All parts, the one with the largest value first; equal ones as they come.
std::vector<std::size_t> by_support(const std::vector<double>& values);

/// Parts go in this order; and come in this order, from none.
ShareCurve removed_in(const std::vector<std::size_t>& order, const PartConfidence& confidence);
ShareCurve added_in(const std::vector<std::size_t>& order, const PartConfidence& confidence);

/// Mean over some random orders of going. Coming at random is the same curve backwards, on average, so its area is the same. The same for a state of
/// `random` on every platform.
ShareCurve removed_at_random(std::size_t parts, std::size_t orders, std::mt19937& random, const PartConfidence& confidence);

/// Under the curve, over shares from 0 to 1 (trapezoids).
double area(const ShareCurve& curve);

}  // namespace osler::evaluate
