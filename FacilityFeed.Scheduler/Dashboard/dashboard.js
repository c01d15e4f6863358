// An order that is refused changes the job's page all the same: it says why. Hangfire itself would leave the button at "loading".
(function ($) {
    $(document).ajaxError(function (event, answer, order) {
        if (answer.status === 422 && /\/jobs\/actions\//.test(order.url)) {
            window.location.reload();
        }
    });
}(jQuery));
