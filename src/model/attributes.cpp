#include "meterveil/model/attributes.hpp"

#include "meterveil/core/contract.hpp"

namespace meterveil::model {

const char* name_of(Distance::Kind kind) {
    switch (kind) {
        case Distance::Kind::equal: return "equal";
        case Distance::Kind::ordered: return "ordered";
        case Distance::Kind::hierarchical: return "hierarchical";
    }
    return "equal";
}

AttributeEncoder::AttributeEncoder(std::vector<Attribute> attributes) {
    rows_.attributes = std::move(attributes);
    rows_.values.resize(rows_.attributes.size());
    codes_.resize(rows_.attributes.size());
}

void AttributeEncoder::add(std::string_view value) {
    auto& codes = codes_[column_];
    auto found = codes.find(value);
    if (found == codes.end()) {
        found = codes.emplace(value, static_cast<std::uint32_t>(codes.size())).first;
        rows_.values[column_].emplace_back(value);
    }
    rows_.codes.push_back(found->second);
    if (++column_ == codes_.size()) column_ = 0;
}

AttributeRows AttributeEncoder::take() {
    EXPECTS(column_ == 0);
    return std::move(rows_);
}

}  // namespace meterveil::model
