using ArtifactStore.Grains.MetadataSchemas.JsonSchema;

namespace ArtifactStore.Grains.Tests.MetadataSchemas;

public class JsonSchemaCompilerTests
{
    [Theory]
    [InlineData("""{"unevaluatedProperties":false}""", "/unevaluatedProperties", "unsupported keyword")]
    [InlineData("""{"properties":{"a":{"items":{"dependentSchemas":{}}}}}""",
        "/properties/a/items/dependentSchemas", "unsupported keyword")]
    [InlineData("""{"allOf":[{},{"anyOf":[{"$dynamicRef":"#x"}]}]}""", "/allOf/1/anyOf/0/$dynamicRef", "unsupported keyword")]
    [InlineData("""{"properties":{"a/b~":{"contentEncoding":"x"}}}""", "/properties/a~1b~0/contentEncoding", "unsupported keyword")]
    [InlineData("""{"minimun":1}""", "/minimun", "unsupported keyword")]
    [InlineData("""{"definitions":{}}""", "/definitions", "unsupported keyword")]
    [InlineData("""{"$anchor":"a"}""", "/$anchor", "unsupported keyword")]
    [InlineData("""{"$defs":{"unused":{"nope":1}}}""", "/$defs/unused/nope", "unsupported keyword")]
    [InlineData("""{"items":{"$defs":{}}}""", "/items/$defs", "root only")]
    [InlineData("""{"items":{"$id":"x"}}""", "/items/$id", "root only")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#"}""", "/$schema", "2020-12")]
    [InlineData("""{"items":[{}]}""", "/items", "object or a boolean")]
    [InlineData("""{"type":"text"}""", "/type", "one or more of")]
    [InlineData("""{"type":[]}""", "/type", "one or more of")]
    [InlineData("""{"type":["string","string"]}""", "/type", "one or more of")]
    [InlineData("""{"required":"a"}""", "/required", "array of different strings")]
    [InlineData("""{"required":["a","a"]}""", "/required", "array of different strings")]
    [InlineData("""{"dependentRequired":{"a":[1]}}""", "/dependentRequired/a", "array of different strings")]
    [InlineData("""{"minLength":-1}""", "/minLength", "non-negative integer")]
    [InlineData("""{"maxItems":1.5}""", "/maxItems", "non-negative integer")]
    [InlineData("""{"minimum":"1"}""", "/minimum", "a number")]
    [InlineData("""{"multipleOf":0}""", "/multipleOf", "greater than zero")]
    [InlineData("""{"uniqueItems":1}""", "/uniqueItems", "a boolean")]
    [InlineData("""{"enum":"a"}""", "/enum", "an array")]
    [InlineData("""{"allOf":[]}""", "/allOf", "must not be empty")]
    [InlineData("""{"properties":[]}""", "/properties", "an object")]
    [InlineData("""{"then":{}}""", "/then", "no effect without if")]
    [InlineData("""{"minContains":1}""", "/minContains", "no effect without contains")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "/$ref", "refers to nothing")]
    [InlineData("""{"$ref":"#/properties/a","properties":{"a":{}}}""", "/$ref", "refers to nothing")]
    [InlineData("""{"$ref":"https://example.invalid/other"}""", "/$ref", "refers to nothing")]
    [InlineData("""{"$ref":"#"}""", "", "without end")]
    [InlineData(
        """{"$ref":"#/$defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""",
        "/$defs/a", "without end")]
    [InlineData("""{"if":{"$ref":"#"}}""", "", "without end")]
    [InlineData("[]", "", "object or a boolean")]
    public void What_cannot_be_honoured_is_refused_at_its_place(string schema, string pointer, string because) =>
        Assert.Contains(Schemas.Refusals(schema), error =>
            string.Equals(error.Pointer, pointer, StringComparison.Ordinal) && error.Message.Contains(because, StringComparison.Ordinal));

    [Theory]
    [InlineData("(")]
    [InlineData("(?=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(?i)a")]
    [InlineData("(?>a)")]
    [InlineData("(a)\\\\1")]
    [InlineData("\\\\bword")]
    [InlineData("\\\\Aword")]
    [InlineData("\\\\p{L}")]
    [InlineData("\\\\u{1F600}")]
    [InlineData("\\\\ud83d")]
    [InlineData("\\\\cA")]
    [InlineData("[😀]")]
    [InlineData("[^\\\\W]")]
    [InlineData("[\\\\d-x]")]
    [InlineData("[+-\\\\w]")]
    [InlineData("[a")]
    [InlineData("a{,3}")]
    [InlineData("a{x}")]
    [InlineData("a}")]
    [InlineData("(a{300}){300}")]
    [InlineData("((a{99}){99}){99}")]
    [InlineData("(?:[ab]{0,30}c?){30}")]
    [InlineData("a\\\\")]
    [InlineData("*")]
    [InlineData("a**")]
    public void A_pattern_without_the_same_meaning_here_is_refused(string pattern) =>
        Assert.Equal("/pattern", Assert.Single(Schemas.Refusals($$"""{"pattern":"{{pattern}}"}""")).Pointer);

    [Fact]
    public void A_long_chain_of_references_is_refused_before_it_can_exhaust_the_stack()
    {
        var chain = string.Join(',', Enumerable.Range(0, 3000).Select(i => $$"""
            "d{{i:D4}}":{"$ref":"#/$defs/d{{i + 1:D4}}"}
            """));
        var errors = Schemas.Refusals($$"""{"$ref":"#/$defs/d0000","$defs":{ {{chain}},"d3000":{} } }""");
        Assert.Contains("more than 64", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_bounded()
    {
        var many = string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"x{i}\":1"));
        Assert.Equal(CompiledSchema.MaxErrors, Schemas.Refusals($"{{{many}}}").Count);
        Assert.Equal(CompiledSchema.MaxErrors, Schemas.Errors("""{"additionalProperties":{"type":"string"}}""", $"{{{many}}}").Count);
    }

    [Fact]
    public void An_error_points_at_the_value_and_says_why()
    {
        var errors = Schemas.Errors(
            """{"properties":{"a/b":{"items":{"required":["n"],"properties":{"n":{"minimum":1}}}}},"required":["z"]}""",
            """{"a/b":[{"n":1},{},{"n":0}]}""");
        Assert.Equal(
            ["/a~1b/1: lacks \"n\"", "/a~1b/2/n: is less than 1", ": lacks \"z\""],
            errors.Select(error => $"{error.Pointer}: {error.Message}"));
    }

    [Fact]
    public void A_schema_that_asks_for_exponential_work_ends_in_an_answer()
    {
        var doubling = string.Join(',', Enumerable.Range(0, 25).Select(i => $$"""
            "d{{i}}":{"anyOf":[{"$ref":"#/$defs/d{{i + 1}}"},{"$ref":"#/$defs/d{{i + 1}}"}]}
            """));
        var bombs = Schemas.Compile($$"""{"$ref":"#/$defs/d0","$defs":{ {{doubling}},"d25":false } }""");
        var error = Assert.Single(bombs.Validate(Schemas.Document("1")));
        Assert.Contains("steps", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_recursion_through_both_schema_and_instance_ends_in_an_answer()
    {
        var links = string.Join(',', Enumerable.Range(0, 28).Select(i => $$"""
            "d{{i}}":{"$ref":"#/$defs/d{{i + 1}}"}
            """));
        var schema = Schemas.Compile($$"""{"$ref":"#/$defs/d0","$defs":{ {{links}},"d28":{"items":{"$ref":"#"} } } }""");
        Assert.Single(schema.Validate(Schemas.Document(new string('[', 32) + new string(']', 32))));
        Assert.Empty(schema.Validate(Schemas.Document("[[[]]]")));
    }

    [Fact]
    public void A_text_too_long_for_a_pattern_fails_instead_of_being_searched()
    {
        const string Schema = """{"pattern":"^a+$"}""";
        Assert.Empty(Schemas.Errors(Schema, $"\"{new string('a', 16_000)}\""));
        Assert.Contains(
            "too long", Assert.Single(Schemas.Errors(Schema, $"\"{new string('a', 17_000)}\"")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.3", "0.1", true)]
    [InlineData("1e-7", "1e-7", true)]
    [InlineData("1.7976931348623157e308", "5e-324", true)]
    [InlineData("0.30000000000000004", "0.1", false)]
    [InlineData("1e22", "3", false)]
    public void Multiples_are_judged_on_the_decimals_as_written(string value, string divisor, bool valid) =>
        Assert.Equal(valid, Schemas.Errors($$"""{"multipleOf":{{divisor}}}""", value).Count == 0);
}
