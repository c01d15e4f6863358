using FacilityFeed.Scheduler.Commands;

// serve (the default), publish, status, verify: Commands/. The pipeline in its order: Hosting/HostSetup.cs. One chunk's
// whole way: FacilityFeed.Domain/Exporting/ChunkExporter.cs.
return await CommandLine.RunAsync(args);
