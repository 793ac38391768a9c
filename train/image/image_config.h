// What to train on films: the file behind `osler-train image --config FILE` (docs/formats/training.md).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace osler::train {

/// Where films and their labels come from, and which of them.
struct FilmSourceSettings {
  std::string name;                                        // in reports, and before each patient's id
  std::string kind;                                        // "folder", "manifest", "nih", "rsna"
  std::string path;                                        // the folder, or the table
  std::string images;                                      // folder that file names of the table start from; empty: the table's own
  std::string classes;                                     // rsna: stage_2_detailed_class_info.csv
  std::string patients;                                    // rsna: pneumonia-challenge-dataset-mappings_2018.json, which says whose films they are
  std::map<std::string, std::string> columns;              // manifest: "path", "label", "patient", ... -> the column's name
  std::string patient_until;                               // folder: the patient is the file's name up to this; empty: every film is a patient of its own
  std::map<std::string, std::vector<std::string>> keep;    // only rows whose column has one of these values
  bool keep_whole_patients = false;                        // leave out every film of a patient with a row that is not kept
  std::map<std::string, std::string> labels;               // as the source says -> as the model says; empty: the model's own
  bool leave_out_other_labels = false;                     // else a label that is not in `labels` is an error
  std::map<std::string, std::string> parts;                // value of the column "split" -> fit, selection, calibration; empty: divided here
  bool proportions_lost = false;                           // films were squashed into squares
  double weight = 1;                                       // of each film in the loss; a manifest's column "weight" multiplies it
};

/// How a film is changed before it is learned from, each within what a radiograph may look like. There are no flips: they move the heart.
struct AugmentationSettings {
  double rotation = 10;         // degrees, each way
  double shift = 0.05;          // of the side, each way
  double scale = 0.1;           // log-uniform in 1 / (1 + scale) .. 1 + scale
  double brightness = 0.1;      // of the range from black to white, each way
  double contrast = 0.2;        // log-uniform likewise
  double gamma = 0.2;           // log-uniform likewise
  double blur = 0.2, noise = 0.2, erasing = 0.2;  // how often
  double noise_deviation = 0.02;                  // at most
};

/// Width over height where a source has lost it: drawn without regard to the label while training, fixed while judging.
struct ProportionSettings {
  double lowest = 1.0, highest = 1.9, evaluation = 1.35;
};

struct SplitSettings {
  double fit = 0.7, selection = 0.15, calibration = 0.15;
  std::size_t seed = 1;
};

struct ImageNetworkSettings {
  std::string architecture;     // "mobilenet_v2", "densenet121"
  std::string backbone;         // safetensors with its weights; empty: from scratch
  std::size_t hidden = 256;
  double dropout = 0.3;
  bool mixed_precision = true;  // bfloat16 in the convolutions
};

struct ImageLossSettings {
  std::string kind = "cross_entropy";     // or "focal"
  double gamma = 2;                       // of focal
  bool balanced_classes = false;          // weight of a class: films / (classes * its films); only where sampling is as_is
  double label_smoothing = 0;
  std::string sampling = "as_is";         // or "over", "under": every class as often as the most, or the least frequent
};

struct ImagePhase {
  std::string name;
  bool frozen = false;              // the head alone, on cached features
  std::size_t copies = 8;           // of each film's features, the first unchanged, the others augmented (frozen)
  std::size_t folds = 0;            // of a cross-validation of the head (frozen, before any phase that trains the base); 0: none
  std::size_t epochs = 10;
  std::size_t batch = 32;
  double learning_rate = 1e-3;      // at its peak; rises over `warm_up` epochs, then falls along a half cosine to `final_share` of it
  double base_rate = 0.1;           // of that, for everything but the head
  double warm_up = 0;               // epochs
  double final_share = 0.01;
  std::size_t patience = 0;         // epochs without a better one on selection after which the phase ends; 0: never
};

struct ImageTrainingConfig {
  std::string name, version;        // of the model directory
  std::string work_folder;          // checkpoints, metrics, report
  std::size_t seed = 1;
  std::vector<std::string> labels;  // the first: nothing found
  std::size_t side = 224;
  std::vector<FilmSourceSettings> sources;
  SplitSettings split;
  ProportionSettings proportions;
  AugmentationSettings augmentation;
  ImageNetworkSettings network;
  ImageLossSettings loss;
  double weight_decay = 0.01;
  double gradient_clip = 1.0;
  double average = 0;               // decay a step of the running mean of the weights that is judged and exported; 0: the weights themselves
  double checkpoint_minutes = 10;
  std::vector<ImagePhase> phases;
  std::string text;                 // the file as it was written
};

class SettingsReader;

/// The members "sources" and "proportions" of an object; config.labels must be there already. Faults go to the reader.
void read_film_sources(SettingsReader& reader, ImageTrainingConfig& config);

/// `path` is named in errors, all of them ErrorCode::configuration: file, line, column and what was expected for what is no JSON, else the file and the key
/// (as a JSON pointer) and what its value should be. Relative paths inside stay as they are. Thread-safe.
Result<ImageTrainingConfig> parse_image_config(std::string_view json, const std::string& path);

}  // namespace osler::train
