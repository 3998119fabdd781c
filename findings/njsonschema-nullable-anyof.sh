#!/usr/bin/env bash
# The C# that NJsonSchema makes of `anyOf` with null cannot read the text that stands there; of `oneOf` it can.
#
# Versions:  NJsonSchema and NJsonSchema.CodeGeneration.CSharp 11.6.2 (NuGet), .NET 10 (SDK 10.0.401).
# Guess:     "a text or null" is a nullable string in C#, however JSON Schema says it: as an array of types, by oneOf or by anyOf.
# Seen:      the array and `oneOf` give string, DateTimeOffset? and the class that is referred to. `anyOf` gives a class of
#            its own that is named after the property and has no member that could hold a text, so that System.Text.Json
#            refuses the answer; an object behind a reference becomes a class that inherits from it, of another name in each
#            place. Nothing is said while the code is made, and it compiles. An enumeration has the words of the schema as
#            EnumMember, which System.Text.Json's converter does not read: "64-bit" is refused, and "policy" goes out as
#            "Policy".
# So:        a schema from which C# is made says oneOf for what may be null. zod and most generators of schemas write anyOf.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
export HOME="$work/home" DOTNET_CLI_HOME="$work/home"
mkdir -p "$HOME" "$work/make" "$work/read"
cd "$work"

cat >schema.json <<'JSON'
{
  "title": "Status", "type": "object",
  "definitions": { "Fault": { "title": "Fault", "type": "object", "properties": { "code": { "type": "integer" } } } },
  "properties": {
    "textArray": { "type": ["string", "null"] },
    "textOneOf": { "oneOf": [{ "type": "string", "maxLength": 9 }, { "type": "null" }] },
    "textAnyOf": { "anyOf": [{ "type": "string", "maxLength": 9 }, { "type": "null" }] },
    "timeOneOf": { "oneOf": [{ "type": "string", "format": "date-time" }, { "type": "null" }] },
    "timeAnyOf": { "anyOf": [{ "type": "string", "format": "date-time" }, { "type": "null" }] },
    "faultOneOf": { "oneOf": [{ "$ref": "#/definitions/Fault" }, { "type": "null" }] },
    "faultAnyOf": { "anyOf": [{ "$ref": "#/definitions/Fault" }, { "type": "null" }] },
    "owner": { "type": "string", "enum": ["policy", "none"] },
    "view": { "type": "string", "enum": ["64-bit", "32-bit"] }
  }
}
JSON
cat >make/make.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="NJsonSchema.CodeGeneration.CSharp" Version="[11.6.2]" /></ItemGroup>
</Project>
XML
cat >make/make.cs <<'CS'
using NJsonSchema;
using NJsonSchema.CodeGeneration.CSharp;

var schema = await JsonSchema.FromFileAsync(args[0]);
var settings = new CSharpGeneratorSettings
{
    Namespace = "Made",
    ClassStyle = CSharpClassStyle.Poco,
    JsonLibrary = CSharpJsonLibrary.SystemTextJson,
};
File.WriteAllText(args[1], new CSharpGenerator(schema, settings).GenerateFile());
CS
cat >read/read.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
</Project>
XML
cat >read/read.cs <<'CS'
using System.Text.Json;
using Made;

string[] answers =
[
    """{"textArray":"a"}""", """{"textOneOf":"a"}""", """{"textAnyOf":"a"}""",
    """{"timeOneOf":"2026-01-01T00:00:00Z"}""", """{"timeAnyOf":"2026-01-01T00:00:00Z"}""",
    """{"faultOneOf":{"code":5}}""", """{"faultAnyOf":{"code":5}}""", """{"owner":"policy"}""", """{"view":"64-bit"}""",
];
foreach (var answer in answers)
{
    var name = JsonDocument.Parse(answer).RootElement.EnumerateObject().First().Name;
    var property = typeof(Status).GetProperties().First(each => string.Equals(each.Name, name, StringComparison.OrdinalIgnoreCase));
    var underlying = Nullable.GetUnderlyingType(property.PropertyType);
    var type = underlying is null ? property.PropertyType.Name : underlying.Name + "?";
    string Outcome()
    {
        try { return $"read, written as {JsonSerializer.SerializeToNode(JsonSerializer.Deserialize<Status>(answer))![name]!.ToJsonString()}"; }
        catch (JsonException) { return "refused"; }
    }
    Console.WriteLine($"{name}: {type}, {Outcome()}");
}
CS
dotnet run --project make -v quiet -- "$work/schema.json" "$work/read/Made.cs" >made.log 2>&1 || { cat made.log; exit 1; }
dotnet run --project read -v quiet -p:NoWarn=CS8618%3BCS8632 >seen 2>read.log || { cat seen read.log; exit 1; }
cat seen
diff - seen <<'TEXT'
textArray: String, read, written as "a"
textOneOf: String, read, written as "a"
textAnyOf: TextAnyOf, refused
timeOneOf: DateTimeOffset?, read, written as "2026-01-01T00:00:00\u002B00:00"
timeAnyOf: TimeAnyOf, refused
faultOneOf: Fault, read, written as {"code":5}
faultAnyOf: FaultAnyOf, read, written as {"code":5}
owner: StatusOwner, read, written as "Policy"
view: StatusView, refused
TEXT
