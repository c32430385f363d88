// Checks a document against docs/api.schema.json: the part of JSON Schema that it uses, and nothing
// else; an unknown keyword throws, so that nothing in the schema goes unchecked.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace streamgauge::test {

using Json = nlohmann::json;

class SchemaCheck {
 public:
  explicit SchemaCheck(Json root) : root_(std::move(root)) {}

  // What is wrong first, with its path; empty when the value is as $defs/<definition> says.
  std::string Problem(const Json& value, const std::string& definition) const {
    return Check(value, root_.at("$defs").at(definition), definition);
  }

 private:
  std::string Check(const Json& value, const Json& schema, const std::string& path) const {
    for (const auto& [keyword, wanted] : schema.items()) {
      std::string problem = CheckKeyword(value, schema, keyword, wanted, path);
      if (!problem.empty()) return problem;
    }
    return "";
  }

  std::string CheckKeyword(const Json& value, const Json& schema, const std::string& keyword,
                           const Json& wanted, const std::string& path) const {
    const std::string what = path + ": " + value.dump() + " is not as wanted: " + keyword + " ";
    if (keyword == "$ref") {
      return Check(value, root_.at(Json::json_pointer(wanted.get<std::string>().substr(1))), path);
    }
    if (keyword == "type") return HasType(value, wanted) ? "" : what + wanted.dump();
    if (keyword == "enum") {
      return std::ranges::find(wanted, value) != wanted.end() ? "" : what + wanted.dump();
    }
    if (keyword == "minimum") return value >= wanted ? "" : what + wanted.dump();
    if (keyword == "minLength") {
      return value.get_ref<const std::string&>().size() >= wanted ? "" : what + wanted.dump();
    }
    if (keyword == "maximum") return value <= wanted ? "" : what + wanted.dump();
    if (keyword == "anyOf") {
      const bool any = std::ranges::any_of(
          wanted, [&](const Json& alternative) { return Check(value, alternative, path).empty(); });
      return any ? "" : what;
    }
    if (keyword == "required") {
      for (const Json& key : wanted) {
        if (!value.contains(key.get<std::string>())) return path + ": lacks " + key.dump();
      }
      return "";
    }
    if (keyword == "properties") return CheckProperties(value, schema, path);
    if (keyword == "additionalProperties") return "";  // with properties
    if (keyword == "items") return CheckItems(value, wanted, path);
    throw std::runtime_error("the schema uses '" + keyword + "', which this check does not know");
  }

  std::string CheckProperties(const Json& value, const Json& schema,
                              const std::string& path) const {
    for (const auto& [key, member] : value.items()) {
      if (!schema.at("properties").contains(key)) return path + ": has unknown key " + key;
      std::string problem = Check(member, schema.at("properties").at(key), path + "." + key);
      if (!problem.empty()) return problem;
    }
    return "";
  }

  std::string CheckItems(const Json& value, const Json& schema, const std::string& path) const {
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::string problem = Check(value[i], schema, path + "[" + std::to_string(i) + "]");
      if (!problem.empty()) return problem;
    }
    return "";
  }

  static bool HasType(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    throw std::runtime_error("unknown type " + type);
  }

  Json root_;
};

}  // namespace streamgauge::test
