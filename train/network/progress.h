// A line that says how far a phase is, how fast, and when it will be done. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace osler::train {

class Progress {
 public:
  explicit Progress(const std::function<void(const std::string&)>& say) : say_(say) {}

  void begin(const std::string& name, std::size_t done, std::size_t total, const std::string& things = "cases");
  /// One step done, with so many cases (or other things) and pieces (0: there are none). On a terminal the line is drawn anew twice a second; elsewhere one is printed twice a minute.
  void advance(std::size_t cases, std::size_t pieces, const std::map<std::string, double>& losses);

  /// "[#####.....]  50 %", for a share from 0 to 1.
  static std::string bar(double share);
  /// "1 h 05 min", "3 min 20 s", "12 s".
  static std::string time_words(double seconds);

 private:
  const std::function<void(const std::string&)>& say_;
  std::string name_, things_;
  std::size_t first_ = 0, done_ = 0, total_ = 0, cases_ = 0, pieces_ = 0;
  double began_ = 0, said_ = 0;
};

}  // namespace osler::train
