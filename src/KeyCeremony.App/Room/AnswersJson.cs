using System.Text.Json.Serialization;

namespace KeyCeremony.App.Room;

[JsonSourceGenerationOptions(WriteIndented = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class AnswersJson : JsonSerializerContext;
