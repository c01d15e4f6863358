namespace FacilityFeed.Scheduler.Dashboard;

/// <summary>Lets no browser guess what an answer is: each is what its type says.</summary>
internal sealed class PlainAnswers : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((HttpContext http, RequestDelegate inner) =>
        {
            http.Response.Headers.XContentTypeOptions = "nosniff";
            return inner(http);
        });
        next(app);
    };
}
