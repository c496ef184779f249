#include "publish/attribute_terms.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meterveil::publish {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;
using model::AttributeKind;
using model::Distance;

Error bad(const std::string& what) { return {Code::input, what, "manifest.json", "fetch the release again"}; }

bool are_texts(const Json& list) { return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& item) { return item.is_string(); }); }

Ordered distance_json(const Distance& distance) {
    Ordered json = {{"kind", model::name_of(distance.kind)}};
    if (!distance.order.empty()) json["order"] = distance.order;
    if (!distance.paths.empty()) json["paths"] = distance.paths;
    return json;
}

Result<Distance> parse_distance(const Json& object) {
    Distance distance;
    if (!object.is_object() || !object.contains("kind")) return bad("'distances' holds something that is no distance");
    const Json& kind = object["kind"];
    if (kind == "ordered") distance.kind = Distance::Kind::ordered;
    else if (kind == "hierarchical") distance.kind = Distance::Kind::hierarchical;
    else if (kind != "equal") return bad("'distances' holds a kind that is none");
    if (const auto order = object.find("order"); order != object.end()) {
        if (!are_texts(*order)) return bad("'order' is not a list of texts");
        distance.order = order->get<std::vector<std::string>>();
    }
    if (const auto paths = object.find("paths"); paths != object.end()) {
        if (!paths->is_object() || !std::all_of(paths->begin(), paths->end(), are_texts)) return bad("'paths' is not an object of lists of texts");
        for (const auto& [value, path] : paths->items()) distance.paths[value] = path.get<std::vector<std::string>>();
    }
    return distance;
}

Result<model::CriterionClaim> parse_criterion(const Json& object) {
    const bool is_whole = object.is_object() && object.contains("name") && object["name"].is_string() && object.contains("parameters") && object["parameters"].is_array() &&
                          std::all_of(object["parameters"].begin(), object["parameters"].end(), [](const Json& p) { return p.is_number(); });
    if (!is_whole) return bad("'criteria' holds something that is no criterion");
    return model::CriterionClaim{object["name"].get<std::string>(), object["parameters"].get<std::vector<double>>()};
}

}  // namespace

Ordered attribute_terms_json(const model::ReleasedAttributes& table) {
    Ordered quasi = Ordered::array(), sensitive = Ordered::array(), criteria = Ordered::array(), distances = Ordered::object();
    for (const auto& attribute : table.attributes) (attribute.kind == AttributeKind::quasi ? quasi : sensitive).push_back(attribute.name);
    for (const auto& claim : table.claims.criteria) criteria.push_back({{"name", claim.name}, {"parameters", claim.parameters}});
    for (const auto& [name, distance] : table.claims.distances) distances[name] = distance_json(distance);
    return {{"quasi", quasi}, {"sensitive", sensitive}, {"criteria", criteria}, {"distances", distances}};
}

Result<AttributeTerms> parse_attribute_terms(const Json& object) {
    AttributeTerms terms;
    for (const char* key : {"quasi", "sensitive", "criteria", "distances"})
        if (!object.is_object() || !object.contains(key)) return bad(fmt::format("'attributes' lacks '{}'", key));
    for (const char* key : {"quasi", "sensitive"}) {
        if (!are_texts(object[key])) return bad(fmt::format("'{}' is not a list of texts", key));
        for (const auto& name : object[key]) terms.attributes.push_back({name.get<std::string>(), std::string_view(key) == "quasi" ? AttributeKind::quasi : AttributeKind::sensitive});
    }
    if (object["quasi"].empty()) return bad("'quasi' is empty");
    if (!object["criteria"].is_array() || object["criteria"].empty()) return bad("'criteria' is not a list with something in it");
    for (const auto& item : object["criteria"]) {
        TRY(auto claim, parse_criterion(item));
        terms.claims.criteria.push_back(std::move(claim));
    }
    if (!object["distances"].is_object()) return bad("'distances' is not an object");
    for (const auto& [name, item] : object["distances"].items()) {
        TRY(auto distance, parse_distance(item));
        terms.claims.distances[name] = std::move(distance);
    }
    return terms;
}

std::vector<std::string> criteria_texts(const model::AttributeClaims& claims) {
    std::vector<std::string> texts;
    for (const auto& claim : claims.criteria) texts.push_back(fmt::format("{} ({})", claim.name, fmt::join(claim.parameters, ", ")));
    return texts;
}

}  // namespace meterveil::publish
