// Time of the encoder's forward pass on one core, beside what its own dense products take alone and what the machine's best product
// rate would allow. `neural_bench [rounds]` prints one JSON line for each measurement; every figure is the best of the rounds, and the
// things compared take turns within a round, since the machine is not ours alone. Weights are random: their values change no time.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "../tests/unit/neural/random_bert.h"
#include "neural/dense.h"

namespace {

using namespace osler::neural;
using dnnl::memory;
using Type = memory::data_type;
using Format = memory::format_tag;

/// Milliseconds.
template <class Work>
double time_of(const Work& work) {
  const auto since = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count();
}

struct Types {
  Type input, weight, sum;
};
Types types_of(Precision precision) {
  switch (precision) {
    case Precision::int8: return {Type::u8, Type::s8, Type::s32};
    case Precision::bf16: return {Type::bf16, Type::bf16, Type::f32};
    default: return {Type::f32, Type::f32, Type::f32};
  }
}

memory zeros(const memory::desc& desc, const dnnl::engine& engine) {
  memory made(desc, engine);
  std::fill_n(static_cast<char*>(made.get_data_handle()), desc.get_size(), char{0});
  return made;
}

/// One product straight on oneDNN, all rows at once.
class PlainProduct {
 public:
  PlainProduct(const dnnl::engine& engine, Precision precision, std::size_t rows, std::size_t inputs, std::size_t outputs) {
    const auto [m, k, n] = std::array{static_cast<memory::dim>(rows), static_cast<memory::dim>(inputs), static_cast<memory::dim>(outputs)};
    const Types types = types_of(precision);
    const memory::desc input({m, k}, types.input, Format::ab), sums({m, n}, types.sum, Format::ab);
    const auto description = describe_product(engine, input, {{k, n}, types.weight, Format::any}, sums);
    product_ = dnnl::matmul(description);
    arguments_ = {{DNNL_ARG_SRC, zeros(input, engine)},
                  {DNNL_ARG_WEIGHTS, zeros(description.weights_desc(), engine)},
                  {DNNL_ARG_DST, zeros(sums, engine)},
                  {DNNL_ARG_SCRATCHPAD, zeros(description.scratchpad_desc(), engine)}};
  }
  void run(dnnl::stream& stream) const { product_.execute(stream, arguments_); }

 private:
  dnnl::matmul product_;
  std::unordered_map<int, memory> arguments_;
};

struct Machine {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

/// The four products of each layer, each with weights of its own.
std::vector<PlainProduct> products_of(const Machine& machine, const BertConfig& config, Precision precision, std::size_t rows) {
  std::vector<PlainProduct> products;
  for (std::size_t layer = 0; layer < config.layers; ++layer) {
    products.emplace_back(machine.engine, precision, rows, config.hidden, 3 * config.hidden);
    products.emplace_back(machine.engine, precision, rows, config.hidden, config.hidden);
    products.emplace_back(machine.engine, precision, rows, config.hidden, config.intermediate);
    products.emplace_back(machine.engine, precision, rows, config.intermediate, config.hidden);
  }
  return products;
}

double dense_operations(const BertConfig& config, std::size_t tokens) {
  const double hidden = static_cast<double>(config.hidden), wide = static_cast<double>(config.intermediate);
  return 2.0 * static_cast<double>(config.layers * tokens) * (4 * hidden * hidden + 2 * hidden * wide);
}
double attention_operations(const BertConfig& config, std::size_t tokens) {
  return 4.0 * static_cast<double>(config.layers * tokens * tokens * config.hidden);
}

/// Operations a nanosecond (10^9 a second) of the best product that fits the second-level cache.
double best_rate(Machine& machine, Precision precision, int rounds) {
  constexpr std::size_t kSide = 384;
  const PlainProduct product(machine.engine, precision, kSide, kSide, kSide);
  double best = 0;
  for (int round = 0; round < rounds * 20; ++round)
    best = std::max(best, 2.0 * kSide * kSide * kSide / (time_of([&] { product.run(machine.stream); }) * 1e6));
  return best;
}

struct Model {
  const char* name;
  BertConfig config;
  std::vector<std::size_t> lengths;
};

void measure(Machine& machine, const Model& model, const SafetensorsFile& file, Precision precision, int rounds) {
  const BertConfig& config = model.config;
  std::optional<BertEncoder> encoder;
  const double load_ms = time_of([&] { encoder.emplace(BertEncoder::create(file, config, precision).value()); });
  BertWorkspace workspace = encoder->make_workspace();
  std::mt19937 random(1);
  for (const std::size_t length : model.lengths) {
    const auto sequences = random_sequences(config, {length}, random);
    const auto spans = spans_of(sequences);
    const std::vector<PlainProduct> products = products_of(machine, config, precision, length);
    const double operations = dense_operations(config, length) + attention_operations(config, length);
    const int turns = static_cast<int>(std::clamp(2e11 / operations, 5.0, 400.0)) * rounds / 10 + 3;
    double forward = 1e9, dense = 1e9;
    for (int turn = 0; turn < turns; ++turn) {
      forward = std::min(forward, time_of([&] { (void)encoder->forward(spans, workspace); }));
      dense = std::min(dense, time_of([&] {
        for (const PlainProduct& product : products) product.run(machine.stream);
      }));
    }
    const double rate = best_rate(machine, precision, rounds), floor = operations / rate / 1e6;
    std::cout << "{\"model\": \"" << model.name << "\", \"precision\": \"" << name_of(precision) << "\", \"tokens\": " << length
              << ", \"forward_ms\": " << forward << ", \"own_products_ms\": " << dense << ", \"forward_over_products\": " << forward / dense
              << ", \"best_rate_giga_ops\": " << rate << ", \"floor_ms\": " << floor << ", \"share_of_floor\": " << floor / forward
              << ", \"load_ms\": " << load_ms << ", \"weights_mb\": " << static_cast<double>(encoder->resident_bytes()) / 1e6 << "}" << std::endl;
  }
}

BertConfig config_of(std::size_t layers, std::size_t hidden, std::size_t heads, std::size_t intermediate, std::size_t vocabulary) {
  BertConfig config;
  config.layers = layers;
  config.hidden = hidden;
  config.heads = heads;
  config.intermediate = intermediate;
  config.vocabulary = vocabulary;
  config.positions = 512;
  config.token_types = 2;
  return config;
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::max(1, std::atoi(arguments[1])) : 10;
  const OneThread one_thread;
  Machine machine;
  const Model models[] = {{"4 layers of 256", config_of(4, 256, 4, 1024, 8000), {40, 100, 128}},
                          {"BERT-base", config_of(12, 768, 12, 3072, 30522), {128, 512}}};
  for (const Model& model : models) {
    std::mt19937 random(1);
    const SafetensorsFile file = file_of(random_tensors(model.config, random));
    for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::int8})
      if (is_fast_here(precision)) measure(machine, model, file, precision, rounds);
  }
}
