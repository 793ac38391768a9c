#include "reasoning/attribution_algebra.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace osler::reasoning {

void SymmetricMatrix::add_square(std::span<const double> x, double weight) {
  for (std::size_t row = 0; row < size_; ++row) {
    if (x[row] == 0) continue;
    const double scale = weight * x[row];
    double* const values = &values_[row * size_];
    for (std::size_t column = 0; column <= row; ++column) values[column] += scale * x[column];
  }
}

Cholesky::Cholesky(SymmetricMatrix matrix, double least) : factor_(std::move(matrix)) {
  double largest = 0;
  for (std::size_t i = 0; i < factor_.size(); ++i) largest = std::max(largest, factor_.at(i, i));
  const double floor = std::max(least * largest, 1e-300);
  for (std::size_t row = 0; row < factor_.size(); ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      const double sum = factor_.at(row, column) - dot({&factor_.at(row, 0), column}, {&factor_.at(column, 0), column});
      factor_.at(row, column) = column == row ? std::sqrt(std::max(sum, floor)) : sum / factor_.at(column, column);
    }
  }
}

std::vector<double> Cholesky::solve(std::vector<double> right) const {
  const std::size_t size = factor_.size();
  for (std::size_t row = 0; row < size; ++row) {
    for (std::size_t column = 0; column < row; ++column) right[row] -= factor_.at(row, column) * right[column];
    right[row] /= factor_.at(row, row);
  }
  for (std::size_t row = size; row-- > 0;) {
    right[row] /= factor_.at(row, row);
    for (std::size_t column = 0; column < row; ++column) right[column] -= factor_.at(row, column) * right[row];
  }
  return right;
}

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace osler::reasoning
