#include "neural/dense.h"

#include <cmath>

#include "../random_seed.h"
#include "neural/precision.h"

namespace osler::neural {
namespace {

class Dense : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    if (!is_fast_here(GetParam())) GTEST_SKIP() << "no " << name_of(GetParam()) << " on this processor";
  }
  std::vector<float> random_values(std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values) value = normal(random_);
    return values;
  }
  DenseMatrix matrix(std::size_t inputs, std::size_t outputs) {
    weight_ = random_values(inputs * outputs);
    bias_ = random_values(outputs);
    return DenseMatrix(DenseShape::create(engine_, GetParam(), inputs, outputs).value(), weight_, bias_);
  }
  std::vector<float> run(const DenseMatrix& matrix, const std::vector<float>& rows, std::size_t inputs, std::size_t outputs) {
    const std::size_t count = rows.size() / inputs;
    std::vector<float> out(count * outputs), scales(count);
    AlignedBuffer operand;
    std::byte* const bytes = static_cast<std::byte*>(operand.at_least((count + kRowPadding) * inputs * sizeof(float)));
    const Precision precision = GetParam();
    if (precision == Precision::fp32) std::memcpy(bytes, rows.data(), rows.size() * sizeof(float));
    if (precision == Precision::bf16) kernels_.to_bfloats(rows.data(), rows.size(), reinterpret_cast<std::uint16_t*>(bytes));
    for (std::size_t row = 0; precision == Precision::int8 && row < count; ++row)
      scales[row] = kernels_.quantise(&rows[row * inputs], inputs, reinterpret_cast<std::uint8_t*>(bytes) + row * inputs);
    matrix.run(kernels_, bytes, precision == Precision::int8 ? scales.data() : nullptr, count, {.out = out.data()}, workspace_);
    return out;
  }

  std::mt19937 random_{fresh_seed()};
  OneThread one_thread_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  DenseWorkspace workspace_{engine_};
  const RowKernels& kernels_ = *row_kernels_here().front();
  std::vector<float> weight_, bias_;
};

/// The error is held against the size of what is summed: the sum itself may be near 0.
TEST_P(Dense, IsTheProduct) {
  const double tolerance = GetParam() == Precision::fp32 ? 1e-5 : GetParam() == Precision::bf16 ? 1e-2 : 5e-2;
  for (const auto& [inputs, outputs] : {std::pair<std::size_t, std::size_t>{1, 1}, {7, 5}, {48, 144}, {33, 100}, {256, 768}, {3072, 768}, {65, 4096}}) {
    const DenseMatrix made = matrix(inputs, outputs);
    for (const std::size_t count : {1, 16, 17, 70}) {
      const std::vector<float> rows = random_values(count * inputs), out = run(made, rows, inputs, outputs);
      double away = 0, size = 0;
      for (std::size_t row = 0; row < count; ++row)
        for (std::size_t o = 0; o < outputs; o += 1 + outputs / 50) {
          double exact = bias_[o];
          for (std::size_t i = 0; i < inputs; ++i) {
            const double product = double{rows[row * inputs + i]} * weight_[o * inputs + i];
            exact += product;
            size += product * product;
          }
          away += std::pow(out[row * outputs + o] - exact, 2);
          size += bias_[o] * bias_[o];
        }
      EXPECT_LT(std::sqrt(away / size), tolerance) << inputs << " to " << outputs << ", " << count << " rows";
    }
  }
}

TEST_P(Dense, ARowIsTheSameAmongAnyOthers) {
  constexpr std::size_t kInputs = 96, kOutputs = 200, kCount = 150;
  const DenseMatrix made = matrix(kInputs, kOutputs);
  const std::vector<float> rows = random_values(kCount * kInputs), together = run(made, rows, kInputs, kOutputs);
  for (std::size_t row = 0; row < kCount; ++row) {
    const auto from = rows.begin() + static_cast<std::ptrdiff_t>(row * kInputs);
    const std::vector<float> alone = run(made, {from, from + kInputs}, kInputs, kOutputs);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(row * kOutputs))) << row;
  }
}

TEST_P(Dense, RunsOnCodeMadeForThisProcessor) {
  const auto shape = DenseShape::create(engine_, GetParam(), 256, 1024).value();
  EXPECT_EQ(shape->implementation().find("ref"), std::string::npos) << shape->implementation();
}

TEST_P(Dense, PackedWeightsTakeTheirBytes) {
  const std::size_t element = GetParam() == Precision::fp32 ? 4 : GetParam() == Precision::bf16 ? 2 : 1;
  const std::size_t bytes = matrix(256, 1024).resident_bytes();
  EXPECT_GE(bytes, 256 * 1024 * element);
  EXPECT_LT(bytes, 256 * 1024 * element * 11 / 10);
}

TEST_P(Dense, AnInputOfZerosGivesTheBias) {
  const DenseMatrix made = matrix(64, 64);
  EXPECT_EQ(run(made, std::vector<float>(3 * 64), 64, 64), [&] {
    std::vector<float> expected;
    for (int row = 0; row < 3; ++row) expected.insert(expected.end(), bias_.begin(), bias_.end());
    return expected;
  }());
}

/// The most that a sum of bytes may reach must fit 32 bits, at the widest that limits.h allows.
TEST(DenseInIntegers, TheLargestSumDoesNotOverflow) {
  if (!is_fast_here(Precision::int8)) GTEST_SKIP() << "no int8 on this processor";
  constexpr std::size_t kInputs = 65'536;
  const OneThread one_thread;
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  const std::vector<float> weight(kInputs, 1), bias(1), scales(1, 1);
  const DenseMatrix matrix(DenseShape::create(engine, Precision::int8, kInputs, 1).value(), weight, bias);
  AlignedBuffer rows;
  std::memset(rows.at_least(kRowPadding * kInputs), 255, kInputs);
  DenseWorkspace workspace(engine);
  float out = 0;
  matrix.run(*row_kernels_here().front(), rows.at_least(0), scales.data(), 1, {.out = &out}, workspace);
  EXPECT_FLOAT_EQ(out, 127.0F * kInputs);
}

INSTANTIATE_TEST_SUITE_P(Precisions, Dense, testing::Values(Precision::fp32, Precision::bf16, Precision::int8),
                         [](const auto& made) { return std::string(name_of(made.param)); });

TEST(Precisions, FloatsAreAlwaysFast) {
  EXPECT_TRUE(is_fast_here(Precision::fp32));
  EXPECT_EQ(name_of(Precision::bf16), "bf16");
}

TEST(AlignedBuffers, GrowAndAreKept) {
  AlignedBuffer buffer;
  void* const first = buffer.at_least(100);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 64, 0u);
  EXPECT_EQ(buffer.at_least(50), first);
  EXPECT_EQ(buffer.size(), 100u);
  const auto* const bytes = buffer.at_least_of<std::uint8_t>(5000);
  EXPECT_TRUE(std::all_of(bytes, bytes + 5000, [](std::uint8_t byte) { return byte == 0; }));
}

}  // namespace
}  // namespace osler::neural
