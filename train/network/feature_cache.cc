#include "train/network/feature_cache.h"

#include <filesystem>

#include "base/sha256.h"
#include "train/network/checkpoint.h"
#include "train/network/progress.h"

namespace osler::train {

namespace {

constexpr std::size_t kBatch = 32;

/// Of everything that the features depend on; the whole configuration stands for the augmentation.
std::string cache_identity(const ImageRun& run, std::size_t copies) {
  std::string text = run.identity + run.config.text + std::to_string(copies);
  for (const auto& [name, tensor] : run.network->tensors().parameters) {
    if (ImageNetwork::is_head(name)) continue;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(tensor.data_ptr<float>());
    text += to_hex(sha256(ByteView(bytes, static_cast<std::size_t>(tensor.numel()) * sizeof(float))));
  }
  return to_hex(sha256(as_bytes(text)));
}

}  // namespace

Result<FeatureCache> cached_features(const ImageRun& run, std::size_t copies, const std::string& path, const std::function<void(const std::string&)>& say) {
  torch::NoGradGuard guard;
  FeatureCache cache;
  cache.films = run.films_to_fold();
  std::map<std::string, torch::Tensor> tensors;
  tensors["features"] = torch::empty({static_cast<std::int64_t>(copies), static_cast<std::int64_t>(cache.films.size()), run.network->width()});
  cache.features = tensors["features"];
  const std::string identity = cache_identity(run, copies);
  if (const auto found = load_tensors(path, identity, {{"", &tensors}}); found && *found) return cache;
  Progress progress(say);
  progress.begin("features", 0, copies * ((cache.films.size() + kBatch - 1) / kBatch), "films");
  for (std::size_t copy = 0; copy < copies; ++copy)
    for (std::size_t from = 0; from < cache.films.size(); from += kBatch) {
      const std::size_t count = std::min(kBatch, cache.films.size() - from);
      const std::vector<std::uint64_t> which(count, copy);
      const torch::Tensor grey = run.grey(std::span(cache.films).subspan(from, count), which);
      cache.features[static_cast<std::int64_t>(copy)].narrow(0, static_cast<std::int64_t>(from), static_cast<std::int64_t>(count)).copy_(run.network->features(grey, false));
      progress.advance(count, 0, {});
    }
  TRY_VOID(save_tensors(path, {{"identity", identity}}, {{"", &tensors}}));
  return cache;
}

}  // namespace osler::train
