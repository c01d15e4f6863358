namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One column of the table or view a feed reads.</summary>
/// <param name="Name">As in <see cref="Domain.Reading.FacilityColumns"/>.</param>
/// <param name="Type">Its type, as the engine writes it.</param>
/// <param name="Form">How it is read; null when it cannot be read as what the feed needs.</param>
internal sealed record SourceColumn(string Name, string Type, ColumnForm? Form);
