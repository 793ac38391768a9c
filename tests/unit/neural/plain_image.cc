#include "plain_image.h"

#include <algorithm>
#include <cmath>

namespace osler::neural {

namespace {

/// Walks through a network by the names of its modules.
class Walker {
 public:
  Walker(const ImageNetworkConfig& config, const RandomTensors& tensors) : config_(config), tensors_(tensors) {}

  PlainMap colours(const std::vector<float>& grey) const {
    PlainMap map{3, config_.side, {}};
    for (std::size_t colour = 0; colour < 3; ++colour)
      for (const float value : grey) map.values.push_back((double{value} - config_.mean[colour]) / config_.deviation[colour]);
    return map;
  }

  PlainMap convolution(const PlainMap& map, const std::string& name, std::size_t stride = 1) const {
    const RandomTensor& weight = tensors_.at(name + ".weight");
    const std::size_t kernel = weight.shape[2];
    PlainWindow window{stride, kernel / 2, kernel / 2};
    if (config_.padding == ImagePadding::tensorflow && stride == 2) {  // kernels of three: one in all where the side is even, else two
      window.before = map.side % 2;
      window.after = 1;
    }
    const auto bias = tensors_.find(name + ".bias");
    return plain_convolution(map, weight, bias == tensors_.end() ? std::vector<float>{} : bias->second.values, window);
  }

  PlainMap norm(PlainMap map, const std::string& name) const {
    const std::size_t places = map.side * map.side;
    for (std::size_t i = 0; i < map.values.size(); ++i) {
      const auto of = [&](const char* what) { return double{tensors_.at(name + what).values[i / places]}; };
      map.values[i] = (map.values[i] - of(".running_mean")) / std::sqrt(of(".running_var") + 1e-5) * of(".weight") + of(".bias");
    }
    return map;
  }

  /// Of MobileNetV2: a convolution and, unless it has a bias, the normalisation after it.
  PlainMap normed(const PlainMap& map, std::string name, std::size_t stride = 1) const {
    const bool folded = tensors_.contains(name + ".bias");
    PlainMap out = convolution(map, name, stride);
    ++name.back();
    return folded ? out : norm(std::move(out), name);
  }

  std::vector<double> dense(const std::vector<double>& input, const std::string& name) const {
    const std::vector<float>&weight = tensors_.at(name + ".weight").values, &bias = tensors_.at(name + ".bias").values;
    std::vector<double> out(bias.begin(), bias.end());
    for (std::size_t i = 0; i < weight.size(); ++i) out[i / input.size()] += weight[i] * input[i % input.size()];
    return out;
  }

 private:
  const ImageNetworkConfig& config_;
  const RandomTensors& tensors_;
};

PlainMap clipped(PlainMap map, double most) {
  for (double& value : map.values) value = std::clamp(value, 0.0, most);
  return map;
}
PlainMap relu(PlainMap map) { return clipped(std::move(map), INFINITY); }
PlainMap relu6(PlainMap map) { return clipped(std::move(map), 6); }

PlainMap densenet(const Walker& walk, const std::vector<float>& grey) {
  PlainMap map = plain_max_pool(relu(walk.norm(walk.convolution(walk.colours(grey), "features.conv0", 2), "features.norm0")));
  std::size_t block = 1;
  for (const std::size_t layers : {6, 12, 24, 16}) {
    const std::string number = std::to_string(block++);
    for (std::size_t layer = 1; layer <= layers; ++layer) {
      const std::string name = "features.denseblock" + number + ".denselayer" + std::to_string(layer);
      const PlainMap narrow = walk.convolution(relu(walk.norm(map, name + ".norm1")), name + ".conv1");
      const PlainMap grown = walk.convolution(relu(walk.norm(narrow, name + ".norm2")), name + ".conv2");
      map.values.insert(map.values.end(), grown.values.begin(), grown.values.end());
      map.channels += grown.channels;
    }
    if (layers == 16) break;
    const std::string transition = "features.transition" + number;
    map = plain_mean_pool(walk.convolution(relu(walk.norm(map, transition + ".norm")), transition + ".conv"));
  }
  return relu(walk.norm(map, "features.norm5"));
}

PlainMap mobilenet(const Walker& walk, const std::vector<float>& grey) {
  PlainMap map = relu6(walk.normed(walk.colours(grey), "features.0.0", 2));
  map = walk.normed(relu6(walk.normed(map, "features.1.conv.0.0")), "features.1.conv.1");
  for (std::size_t number = 2; number <= 17; ++number) {
    const std::string name = "features." + std::to_string(number) + ".conv.";
    const std::size_t stride = number == 2 || number == 4 || number == 7 || number == 14 ? 2 : 1;
    PlainMap out = relu6(walk.normed(map, name + "0.0"));
    out = walk.normed(relu6(walk.normed(out, name + "1.0", stride)), name + "2");
    if (stride == 1 && out.channels == map.channels)
      for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] += map.values[i];
    map = std::move(out);
  }
  return relu6(walk.normed(map, "features.18.0"));
}

/// One channel of input through one kernel, added to one channel of output.
void add_filtered(const double* in, std::size_t side, const float* kernel, std::size_t size, const PlainWindow& window, double* out, std::size_t out_side) {
  const auto first_inside = [&](std::size_t k) { return k >= window.before ? 0 : (window.before - k + window.stride - 1) / window.stride; };
  const auto end_inside = [&](std::size_t k) { return std::min(out_side, (side - 1 + window.before - k) / window.stride + 1); };
  for (std::size_t ky = 0; ky < size; ++ky)
    for (std::size_t y = first_inside(ky); y < end_inside(ky); ++y)
      for (std::size_t kx = 0; kx < size; ++kx) {
        const double* const from = in + (y * window.stride + ky - window.before) * side + kx;
        const double weight = kernel[ky * size + kx];
        for (std::size_t x = first_inside(kx); x < end_inside(kx); ++x) out[y * out_side + x] += from[x * window.stride - window.before] * weight;
      }
}

}  // namespace

PlainMap plain_convolution(const PlainMap& map, const RandomTensor& weight, const std::vector<float>& bias, const PlainWindow& window) {
  const std::size_t outputs = weight.shape[0], inputs = weight.shape[1], size = weight.shape[2], places = map.side * map.side;
  PlainMap out{outputs, (map.side + window.before + window.after - size) / window.stride + 1, {}};
  const std::size_t out_places = out.side * out.side;
  out.values.resize(outputs * out_places);
  for (std::size_t output = 0; output < outputs; ++output) {
    double* const to = &out.values[output * out_places];
    if (!bias.empty()) std::fill(to, to + out_places, double{bias[output]});
    for (std::size_t input = 0; input < inputs; ++input) {
      const std::size_t channel = inputs == map.channels ? input : output;
      add_filtered(&map.values[channel * places], map.side, &weight.values[(output * inputs + input) * size * size], size, window, to, out.side);
    }
  }
  return out;
}

PlainMap plain_max_pool(const PlainMap& map) {
  PlainMap out{map.channels, (map.side + 1) / 2, {}};
  for (std::size_t channel = 0; channel < map.channels; ++channel)
    for (std::size_t y = 0; y < out.side; ++y)
      for (std::size_t x = 0; x < out.side; ++x) {
        double best = -INFINITY;
        for (std::size_t i = 0; i < 9; ++i)
          if (const std::size_t at_y = 2 * y + i / 3 - 1, at_x = 2 * x + i % 3 - 1; at_y < map.side && at_x < map.side)
            best = std::max(best, map.values[(channel * map.side + at_y) * map.side + at_x]);
        out.values.push_back(best);
      }
  return out;
}

PlainMap plain_mean_pool(const PlainMap& map) {
  PlainMap out{map.channels, map.side / 2, {}};
  for (std::size_t channel = 0; channel < map.channels; ++channel)
    for (std::size_t y = 0; y < out.side; ++y)
      for (std::size_t x = 0; x < out.side; ++x) {
        const double* const at = &map.values[(channel * map.side + 2 * y) * map.side + 2 * x];
        out.values.push_back((at[0] + at[1] + at[map.side] + at[map.side + 1]) / 4);
      }
  return out;
}

PlainImage plain_image(const ImageNetworkConfig& config, const RandomTensors& tensors, const std::vector<float>& grey) {
  const Walker walk(config, tensors);
  PlainImage image;
  image.map = config.architecture == ImageArchitecture::densenet121 ? densenet(walk, grey) : mobilenet(walk, grey);
  const std::size_t places = image.map.side * image.map.side;
  image.features.resize(image.map.channels);
  for (std::size_t i = 0; i < image.map.values.size(); ++i) image.features[i / places] += image.map.values[i] / static_cast<double>(places);
  if (!config.has_head()) return image;
  std::vector<double> hidden = walk.dense(image.features, "head.hidden");
  for (double& value : hidden) value = std::max(value, 0.0);
  image.logits = walk.dense(hidden, "head.classes");
  return image;
}

}  // namespace osler::neural
