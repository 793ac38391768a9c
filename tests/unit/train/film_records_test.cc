#include "train/image/film_records.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "train/image/film_table.h"

namespace osler::train {
namespace {

namespace fs = std::filesystem;

/// A fresh folder with files that nobody decodes here.
class FilmRecordsTest : public testing::Test {
 protected:
  FilmRecordsTest() : folder_(testing::TempDir() + "/osler_film_records") {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void put(const std::string& name, const std::string& text = "x") const {
    fs::create_directories(fs::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  ImageTrainingConfig config(const std::string& kind, const std::string& path) const {
    ImageTrainingConfig config;
    config.labels = {"normal", "pneumonia"};
    FilmSourceSettings source;
    source.name = "s";
    source.kind = kind;
    source.path = folder_ + "/" + path;
    source.labels = {{"normal", "normal"}, {"pneumonia", "pneumonia"}};
    if (kind == "manifest") source.columns = {{"path", "file"}, {"label", "class"}, {"patient", "who"}};
    config.sources = {source};
    return config;
  }
  static std::string fault_of(const ImageTrainingConfig& config) {
    const auto records = read_films(config);
    EXPECT_FALSE(records);
    return records ? "" : records.error().external;
  }
  const std::string folder_;
};

TEST_F(FilmRecordsTest, AFolderNamesLabelsAndPatients) {
  for (const char* name : {"set/normal/a_1.png", "set/normal/a_2.PNG", "set/pneumonia/b_1.dcm", "set/normal/notes.txt", "set/other/c_1.jpg"}) put(name);
  ImageTrainingConfig settings = config("folder", "set");
  settings.sources[0].patient_until = "_";
  EXPECT_NE(fault_of(settings).find("named like none of the labels"), std::string::npos);
  settings.sources[0].leave_out_other_labels = true;
  const auto records = read_films(settings);
  ASSERT_TRUE(records) << describe(records.error());
  ASSERT_EQ(records->films.size(), 3u);
  EXPECT_EQ(records->films[0].patient, "s/a");
  EXPECT_EQ(records->films[1].patient, "s/a");
  EXPECT_EQ(records->films[2].patient, "s/b");
  EXPECT_EQ(records->films[2].label, 1u);
  EXPECT_EQ(records->left_out[0], 1u);
  EXPECT_EQ(records->hashes[0].size(), 64u);
}

TEST_F(FilmRecordsTest, WithoutAMarkEveryFilmOfAFolderIsAPatient) {
  for (const char* name : {"set/normal/1.png", "set/normal/1.jpg", "set/pneumonia/1.png"}) put(name);
  const auto records = read_films(config("folder", "set"));
  ASSERT_TRUE(records) << describe(records.error());
  std::set<std::string> patients;
  for (const FilmRecord& film : records->films) patients.insert(film.patient);
  EXPECT_EQ(patients.size(), 3u) << "the same name in two folders, or with two endings";
}

TEST_F(FilmRecordsTest, AManifestGivesWhatItsColumnsSay) {
  put("films/1.png");
  put("films/2.png");
  put("m.csv", "file,class,who,age,sex,view,kind,where,by,part,w\nfilms/1.png,normal,7,045Y,F,PA,plain,north,maker,a,2\nfilms/2.png,pneumonia,8,018M,M,AP,viral,,,b,\n");
  ImageTrainingConfig settings = config("manifest", "m.csv");
  FilmSourceSettings& source = settings.sources[0];
  source.columns.insert({{"age", "age"}, {"sex", "sex"}, {"view", "view"}, {"subtype", "kind"}, {"site", "where"}, {"equipment", "by"}, {"split", "part"}, {"weight", "w"}});
  source.parts = {{"a", "fit"}, {"b", "calibration"}};
  source.weight = 3;
  const auto records = read_films(settings);
  ASSERT_TRUE(records) << describe(records.error());
  const FilmRecord &first = records->films[0], &second = records->films[1];
  EXPECT_EQ(first.path, folder_ + "/films/1.png");
  EXPECT_EQ(first.patient, "s/7");
  EXPECT_EQ(*first.age_years, 45);
  EXPECT_EQ(*second.age_years, 1.5);
  EXPECT_EQ(first.sex + first.view + first.subtype + first.site + first.equipment, "FPAplainnorthmaker");
  EXPECT_EQ(first.weight, 6);
  EXPECT_EQ(second.weight, 3);
  EXPECT_EQ(first.given_part, Part::fit);
  EXPECT_EQ(second.given_part, Part::calibration);
}

TEST_F(FilmRecordsTest, APatientWithARowThatIsNotKeptCanBeLeftOutWhole) {
  for (const char* name : {"1.png", "2.png", "3.png"}) put(name);
  put("m.csv", "file,class,who,read\n1.png,normal,7,\n2.png,normal,7,Opacity\n3.png,normal,8,\n");
  ImageTrainingConfig settings = config("manifest", "m.csv");
  settings.sources[0].keep = {{"read", {""}}};
  EXPECT_EQ(read_films(settings)->films.size(), 2u);
  settings.sources[0].keep_whole_patients = true;
  const auto records = read_films(settings);
  ASSERT_EQ(records->films.size(), 1u);
  EXPECT_EQ(records->films[0].patient, "s/8");
  EXPECT_EQ(records->left_out[0], 2u);
}

TEST_F(FilmRecordsTest, FaultsNameFileLineAndColumn) {
  put("1.png");
  const std::string header = "file,class,who,age,w\n", path = folder_ + "/m.csv";
  const auto fault = [&](const std::string& rows) {
    put("m.csv", header + rows);
    ImageTrainingConfig settings = config("manifest", "m.csv");
    settings.sources[0].columns.insert({{"age", "age"}, {"weight", "w"}});
    return fault_of(settings);
  };
  EXPECT_EQ(fault("1.png,flu,7,,\n"), path + ", line 2, column class: is none of normal, pneumonia. Name it in the source's labels, or set leave_out_other_labels.");
  EXPECT_EQ(fault("1.png,normal,,,\n"), path + ", line 2, column who: is empty; without it films of one patient could stand on both sides of a split.");
  EXPECT_EQ(fault("1.png,normal,7,old,\n"), path + ", line 2, column age: is no age: expected years (\"45\"), or DICOM's form (\"045Y\", \"018M\").");
  EXPECT_EQ(fault("1.png,normal,7,,0\n"), path + ", line 2, column w: is not a number above 0, at most 1000.");
  EXPECT_EQ(fault("1.png,normal,7,,\n1.png,normal,7,,\n"), folder_ + "/1.png stands there twice: name each film once.");
  EXPECT_EQ(fault("2.png,normal,7,,\n3.png,normal,7,,\n"), "2 of 2 films are not there: " + folder_ + "/2.png, " + folder_ + "/3.png.");
  EXPECT_NE(fault("").find("has no film left"), std::string::npos);
}

TEST_F(FilmRecordsTest, APatientInTwoPartsIsRefused) {
  put("1.png");
  put("2.png");
  put("m.csv", "file,class,who,part\n1.png,normal,7,a\n2.png,normal,7,b\n");
  ImageTrainingConfig settings = config("manifest", "m.csv");
  settings.sources[0].columns["split"] = "part";
  settings.sources[0].parts = {{"a", "fit"}, {"b", "selection"}};
  EXPECT_NE(fault_of(settings).find("is given to two parts"), std::string::npos);
  settings.sources[0].parts = {{"a", "fit"}, {"b", "fit"}};
  EXPECT_TRUE(read_films(settings));
}

TEST_F(FilmRecordsTest, ChestXray14DividesFindingsAndForgetsImpossibleAges) {
  for (const char* name : {"images/1.png", "images/2.png", "images/3.png"}) put(name);
  put("nih.csv", "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width\n"
                 "1.png,Effusion|Pneumonia,0,11,058Y,M,PA,2682\n2.png,No Finding,0,12,414,F,AP,2894\n3.png,Mass,1,12,40,F,AP,2894\n");
  ImageTrainingConfig settings = config("nih", "nih.csv");
  settings.sources[0].images = folder_ + "/images";
  settings.sources[0].labels = {{"No Finding", "normal"}, {"Pneumonia", "pneumonia"}};
  settings.sources[0].leave_out_other_labels = true;
  const auto records = read_films(settings);
  ASSERT_TRUE(records) << describe(records.error());
  ASSERT_EQ(records->films.size(), 2u);
  EXPECT_EQ(records->films[0].label, 1u);
  EXPECT_EQ(*records->films[0].age_years, 58);
  EXPECT_FALSE(records->films[1].age_years);
  EXPECT_EQ(records->films[1].patient, "s/12");
}

TEST_F(FilmRecordsTest, RsnaHasALineABoxAndClassesOfItsOwn) {
  for (const char* name : {"images/p1.dcm", "images/p2.dcm", "images/p3.dcm"}) put(name);
  put("labels.csv", "patientId,x,y,width,height,Target\np1,,,,,0\np2,1,2,3,4,1\np2,5,6,7,8,1\np3,,,,,0\n");
  put("classes.csv", "patientId,class\np1,No Lung Opacity / Not Normal\np2,Lung Opacity\np2,Lung Opacity\np3,Normal\n");
  ImageTrainingConfig settings = config("rsna", "labels.csv");
  settings.sources[0].images = folder_ + "/images";
  settings.sources[0].classes = folder_ + "/classes.csv";
  settings.sources[0].patients = folder_ + "/patients.json";
  put("patients.json", R"([{"subset_img_id": "p1", "img_id": "00000013_001.png"}, {"subset_img_id": "p2", "img_id": "00000013_008.png"}, {"subset_img_id": "p3", "img_id": "00000013_010.png"}])");
  settings.sources[0].labels = {{"Normal", "normal"}, {"Lung Opacity", "pneumonia"}};
  settings.sources[0].leave_out_other_labels = true;
  const auto records = read_films(settings);
  ASSERT_TRUE(records) << describe(records.error());
  ASSERT_EQ(records->films.size(), 2u);
  EXPECT_EQ(records->films[0].path, folder_ + "/images/p2.dcm");
  EXPECT_EQ(records->films[0].label, 1u);
  EXPECT_EQ(records->films[1].label, 0u);
  EXPECT_EQ(records->films[0].patient, "s/00000013");
  EXPECT_EQ(records->films[1].patient, "s/00000013") << "films of one patient have names of their own";
  EXPECT_EQ(label_index(settings, "pneumonia"), 1u);
  put("patients.json", R"([{"subset_img_id": "p2", "img_id": "00000013_008.png"}])");
  EXPECT_EQ(fault_of(settings), folder_ + "/labels.csv, line 5, column patientId: is not in " + folder_ + "/patients.json; without it films of one patient could stand on both sides of a split.");
  put("patients.json", R"({"p2": "00000013_008.png"})");
  EXPECT_NE(fault_of(settings).find("is not a list of films with"), std::string::npos);
}

}  // namespace
}  // namespace osler::train
