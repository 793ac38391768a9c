// Minimising a function of a few unbounded numbers without its derivatives (Nelder and Mead 1965, standard coefficients). Deterministic.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

namespace osler::evaluate {

template <std::size_t kSize>
std::array<double, kSize> nelder_mead(const std::function<double(const std::array<double, kSize>&)>& loss, const std::array<double, kSize>& start,
                                      int evaluations) {
  using Point = std::array<double, kSize>;
  const auto mix = [](const Point& a, const Point& b, double t) {
    Point result{};
    for (std::size_t i = 0; i < kSize; ++i) result[i] = a[i] + t * (b[i] - a[i]);
    return result;
  };
  std::vector<std::pair<double, Point>> simplex{{loss(start), start}};
  for (std::size_t i = 0; i < start.size(); ++i) {
    Point corner = start;
    corner[i] += 0.7;
    simplex.emplace_back(loss(corner), corner);
  }
  const auto by_loss = [](const auto& a, const auto& b) { return a.first < b.first; };
  for (int used = static_cast<int>(simplex.size()); used < evaluations; ++used) {
    std::sort(simplex.begin(), simplex.end(), by_loss);
    Point centre{};
    for (std::size_t i = 0; i + 1 < simplex.size(); ++i)
      for (std::size_t j = 0; j < centre.size(); ++j) centre[j] += simplex[i].second[j] / static_cast<double>(simplex.size() - 1);
    auto& worst = simplex.back();
    const auto trial = [&](double t) {
      const Point point = mix(centre, worst.second, t);
      ++used;
      return std::pair(loss(point), point);
    };
    const auto reflected = trial(-1);
    if (reflected.first < simplex.front().first) {
      worst = std::min(reflected, trial(-2), by_loss);
    } else if (reflected.first < simplex[simplex.size() - 2].first) {
      worst = reflected;
    } else {
      const auto contracted = trial(reflected.first < worst.first ? -0.5 : 0.5);
      if (contracted.first < std::min(reflected.first, worst.first)) worst = contracted;
      else
        for (std::size_t i = 1; i < simplex.size(); ++i) {
          simplex[i].second = mix(simplex[0].second, simplex[i].second, 0.5);
          simplex[i].first = loss(simplex[i].second);
          ++used;
        }
    }
  }
  return std::min_element(simplex.begin(), simplex.end(), by_loss)->second;
}

}  // namespace osler::evaluate
