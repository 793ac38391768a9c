#include "train/network/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "neural/safetensors.h"

namespace osler::train {

namespace {

using neural::TensorView;

TensorView view_of(const torch::Tensor& tensor) {
  TensorView view;
  view.type = neural::TensorType::f32;
  for (const std::int64_t n : tensor.sizes()) view.shape.push_back(static_cast<std::size_t>(n));
  view.bytes = std::as_bytes(std::span(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())));
  return view;
}

bool write_synced(const std::string& path, const std::vector<std::byte>& bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) return false;
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::write(file, bytes.data() + done, bytes.size() - done);
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const bool synced = done == bytes.size() && ::fsync(file) == 0;
  return ::close(file) == 0 && synced;
}

Result<void> fill(const neural::SafetensorsFile& file, const std::string& prefix, std::map<std::string, torch::Tensor>& tensors) {
  torch::NoGradGuard guard;
  for (auto& [name, tensor] : tensors) {
    std::vector<std::size_t> shape;
    for (const std::int64_t n : tensor.sizes()) shape.push_back(static_cast<std::size_t>(n));
    const std::vector<float> values = TRY(file.floats(prefix + name, shape));
    std::memcpy(tensor.data_ptr<float>(), values.data(), values.size() * sizeof(float));
  }
  return ok();
}

TensorGroups groups_of(TextNetwork& network, AdamW& optimizer) {
  return {{"parameter/", &network.parameters()}, {"first/", &optimizer.first_moments()}, {"second/", &optimizer.second_moments()}};
}

}  // namespace

Result<void> save_tensors(const std::string& path, const TensorNotes& notes, const TensorGroups& groups) {
  std::map<std::string, TensorView> tensors;
  for (const auto& [prefix, group] : groups)
    for (const auto& [name, tensor] : *group) tensors.emplace(prefix + name, view_of(tensor));
  const std::string fresh = path + ".new";
  if (!write_synced(fresh, neural::write_safetensors(tensors, notes)) || std::rename(fresh.c_str(), path.c_str()) != 0)
    return make_error(ErrorCode::unavailable, path + " could not be written.", std::strerror(errno));
  return ok();
}

Result<std::optional<TensorNotes>> load_tensors(const std::string& path, const std::string& identity, const TensorGroups& groups) {
  if (!std::filesystem::exists(path)) return std::optional<TensorNotes>();
  const neural::SafetensorsFile file = TRY(neural::SafetensorsFile::open(path));
  const auto found = file.metadata().find("identity");
  if (found == file.metadata().end() || found->second != identity)
    return make_error(ErrorCode::conflict, path + " belongs to another configuration or other data. Give work_folder another name, or remove it.");
  for (const auto& [prefix, group] : groups) TRY_VOID(fill(file, prefix, *group));
  return std::optional(file.metadata());
}

Result<void> save_checkpoint(const std::string& path, const CheckpointPosition& position, TextNetwork& network, AdamW& optimizer) {
  return save_tensors(path, {{"phase", std::to_string(position.phase)}, {"step", std::to_string(position.step)}, {"updates", std::to_string(position.updates)},
                             {"seconds", std::to_string(position.seconds)}, {"identity", position.identity}}, groups_of(network, optimizer));
}

Result<std::optional<CheckpointPosition>> load_checkpoint(const std::string& path, const std::string& identity, TextNetwork& network, AdamW& optimizer) {
  const std::optional<TensorNotes> notes = TRY(load_tensors(path, identity, groups_of(network, optimizer)));
  if (!notes) return std::optional<CheckpointPosition>();
  const auto text = [&](const char* key) {
    const auto found = notes->find(key);
    return found == notes->end() ? std::string("0") : found->second;
  };
  CheckpointPosition position;
  position.identity = identity;
  position.phase = std::stoul(text("phase"));
  position.step = std::stoul(text("step"));
  position.updates = std::stoul(text("updates"));
  position.seconds = std::stod(text("seconds"));
  return std::optional(position);
}

Result<std::size_t> start_from(const std::string& path, TextNetwork& network) {
  const neural::SafetensorsFile file = TRY(neural::SafetensorsFile::open(path));
  torch::NoGradGuard guard;
  std::size_t filled = 0;
  for (auto& [name, tensor] : network.parameters()) {
    std::vector<std::size_t> shape;
    for (const std::int64_t n : tensor.sizes()) shape.push_back(static_cast<std::size_t>(n));
    for (const std::string& stored : {"parameter/" + name, name}) {
      const auto found = file.tensors().find(stored);
      if (found == file.tensors().end() || found->second.shape != shape) continue;
      const std::vector<float> values = TRY(file.floats(stored, shape));
      std::memcpy(tensor.data_ptr<float>(), values.data(), values.size() * sizeof(float));
      ++filled;
      break;
    }
  }
  return filled;
}

}  // namespace osler::train
