// The little linear algebra that attribution needs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace osler::reasoning {

/// A symmetric matrix, summed up from its lower half.
class SymmetricMatrix {
 public:
  explicit SymmetricMatrix(std::size_t size) : size_(size), values_(size * size, 0.0) {}
  std::size_t size() const { return size_; }
  /// column <= row.
  double& at(std::size_t row, std::size_t column) { return values_[row * size_ + column]; }
  double at(std::size_t row, std::size_t column) const { return values_[row * size_ + column]; }
  /// += weight * x x'
  void add_square(std::span<const double> x, double weight);

 private:
  std::size_t size_;
  std::vector<double> values_;
};

/// The Cholesky factor of a positive definite matrix. A pivot that rounding has brought to zero or below is taken for `least`
/// times the largest entry of the diagonal.
class Cholesky {
 public:
  explicit Cholesky(SymmetricMatrix matrix, double least = 1e-12);
  std::size_t size() const { return factor_.size(); }
  /// x with matrix x = right.
  std::vector<double> solve(std::vector<double> right) const;

 private:
  SymmetricMatrix factor_;
};

double dot(std::span<const double> a, std::span<const double> b);

}  // namespace osler::reasoning
