#include "ingest/espi_links.hpp"

#include <utility>

namespace meterveil::ingest::espi {
namespace {

/// "a/b/c" -> "a/b"; a collection of its member.
std::string parent_of(const std::string& key) {
    const std::size_t at = key.rfind('/');
    return at == std::string::npos ? "" : key.substr(0, at);
}

/// Of a member that names its collection or not.
std::string collection_of(const Entry& entry) { return entry.up.empty() ? parent_of(entry.self) : entry.up; }

/// Links of an entry to members of a collection, and the place where they are by default.
std::vector<std::string> keys_to(const Entry& entry, std::string_view collection) {
    std::vector<std::string> keys;
    for (const std::string& key : entry.related)
        if (key.find(collection) != std::string::npos) keys.push_back(key);
    if (!entry.self.empty()) keys.push_back(entry.self + "/" + std::string(collection));
    return keys;
}

}  // namespace

std::string key_of(std::string_view href) {
    constexpr std::string_view mark = "/resource/";
    if (const std::size_t at = href.find(mark); at != std::string_view::npos) href.remove_prefix(at + mark.size());
    while (href.starts_with('/')) href.remove_prefix(1);
    while (href.ends_with('/')) href.remove_suffix(1);
    return std::string(href);
}

template <class Value>
void Links::keep(std::unordered_map<std::string, Value>& table, const std::string& key, Value value) {
    if (table.try_emplace(key, value).second) bytes_ += key.size() + 100;  // about what a node takes
}

std::vector<std::string> Links::add(const Entry& entry, UsagePoint point) {
    bytes_ += sizeof(UsagePoint) + point.id.size();
    points_.push_back(std::move(point));
    std::vector<std::string> keys = keys_to(entry, "MeterReading");
    for (const std::string& key : keys) keep<const UsagePoint*>(point_by_readings_, key, &points_.back());
    return keys;
}

std::vector<std::string> Links::add(const Entry& entry, const ReadingType& type) {
    bytes_ += sizeof(ReadingType);
    types_.push_back(type);
    keep<const ReadingType*>(type_by_self_, entry.self, &types_.back());
    return {entry.self};
}

std::vector<std::string> Links::add_meter_reading(const Entry& entry) {
    MeterReading reading{entry.self, collection_of(entry), {}};
    for (const std::string& key : entry.related)
        if (key.find("ReadingType") != std::string::npos) reading.types.push_back(key);
    for (const std::string& key : reading.types) bytes_ += sizeof(std::string) + key.size();
    bytes_ += sizeof(MeterReading) + reading.self.size() + reading.up.size();
    readings_.push_back(std::move(reading));
    std::vector<std::string> keys = keys_to(entry, "IntervalBlock");
    for (const std::string& key : keys) keep<const MeterReading*>(reading_by_blocks_, key, &readings_.back());
    return keys;
}

const UsagePoint* Links::point_of(const MeterReading& reading) const {
    for (const std::string* key : {&reading.up, &reading.self})
        if (const auto known = point_by_readings_.find(*key); known != point_by_readings_.end()) return known->second;
    return nullptr;
}

Series Links::find(const Entry& block) const {
    Series series;
    series.lacks = collection_of(block);
    auto known = reading_by_blocks_.find(series.lacks);
    if (known == reading_by_blocks_.end()) known = reading_by_blocks_.find(block.self);
    if (known == reading_by_blocks_.end()) return series;
    const MeterReading& reading = *known->second;
    for (const std::string& key : reading.types)
        if (const auto type = type_by_self_.find(key); type != type_by_self_.end() && series.type == nullptr) series.type = type->second;
    series.point = point_of(reading);
    series.lacks = series.point == nullptr ? reading.up : series.type != nullptr || reading.types.empty() ? "" : reading.types.front();
    return series;
}

Series Links::find_or_only(const Entry& block) const {
    Series series = find(block);
    if (series.type == nullptr && types_.size() == 1) series.type = &types_.front();
    if (series.point == nullptr && points_.size() == 1) series.point = &points_.front();
    return series;
}

}  // namespace meterveil::ingest::espi
