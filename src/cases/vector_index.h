// Vectors in memory, where the nearest of them are looked for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "cases/similar_cases.h"

namespace osler::cases {

/// 16-bit copies of vectors, each with a bound of its rounding, so that a scan of all of them names every one that can be among the nearest. For d
/// dimensions a vector takes 2 d + 48 bytes. Not thread-safe while it changes; any number of threads may read.
class VectorIndex {
 public:
  struct Attributes {
    std::string age_band, sex, condition;  // tokens, as in CaseSummary
    WallTime time{};
  };
  struct Candidate {
    std::int64_t key = 0;
    double at_most = 0;  // its similarity is no higher
    std::uint64_t hash = 0;  // of the vector: whoever compares two of one hash (64 bits of MurmurHash) need look at one
  };

  /// Of at most limits::kMaxVectorDimensions dimensions.
  explicit VectorIndex(std::size_t dimensions);

  /// False, and nothing is added, when the vector is of other dimensions.
  bool add(std::int64_t key, std::span<const float> vector, const Attributes& attributes);
  /// Drops every vector whose key is not among these, which ascend.
  void keep_only(std::span<const std::int64_t> keys);
  std::size_t size() const { return keys_.size(); }
  std::size_t dimensions() const { return dimensions_; }

  /// All that can be among the `count` of highest inner product with `query`, of those that pass the filter; highest bound first. So the `count` nearest
  /// are among them, proved, not guessed: |u.v - u.v'| <= |u| |v - v'| (Cauchy-Schwarz), and |v - v'| was measured when v was added. Empty for a query of
  /// other dimensions.
  std::vector<Candidate> candidates(std::span<const float> query, std::size_t count, const CaseFilter& filter, std::int64_t except) const;

 private:
  struct Filter;
  Filter prepared(const CaseFilter& filter, std::int64_t except) const;
  std::uint32_t number_of(const std::string& token);
  std::int16_t* copy_of(std::size_t place) const { return blocks_[place / kBlock].get() + (place % kBlock) * stride_; }
  void move(std::size_t from, std::size_t to);

  static constexpr std::size_t kBlock = 4096;  // vectors that are allocated at once
  const std::size_t dimensions_, stride_;
  std::vector<std::unique_ptr<std::int16_t[]>> blocks_;
  std::vector<std::int64_t> keys_, times_;
  std::vector<float> scales_, errors_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> age_bands_, sexes_, conditions_;
  std::unordered_map<std::string, std::uint32_t> tokens_;
};

}  // namespace osler::cases
