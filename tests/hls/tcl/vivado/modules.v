// Modules for the scripts of this folder; only their ports matter.
module registers (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    input wire aresetn,
    input wire s_axi_awaddr,
    input wire s_axi_awvalid,
    input wire s_axi_wdata,
    input wire s_axi_wstrb,
    input wire s_axi_wvalid,
    input wire s_axi_bready,
    input wire s_axi_araddr,
    input wire s_axi_arvalid,
    input wire s_axi_rready,
    output wire s_axi_awready,
    output wire s_axi_wready,
    output wire s_axi_bresp,
    output wire s_axi_bvalid,
    output wire s_axi_arready,
    output wire s_axi_rdata,
    output wire s_axi_rresp,
    output wire s_axi_rvalid
);
endmodule
module watcher (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF watch, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    input wire aresetn,
    (* X_INTERFACE_MODE = "monitor" *)
    input wire watch_awaddr,
    input wire watch_awvalid,
    input wire watch_wdata,
    input wire watch_wstrb,
    input wire watch_wvalid,
    input wire watch_bready,
    input wire watch_araddr,
    input wire watch_arvalid,
    input wire watch_rready,
    input wire watch_awready,
    input wire watch_wready,
    input wire watch_bresp,
    input wire watch_bvalid,
    input wire watch_arready,
    input wire watch_rdata,
    input wire watch_rresp,
    input wire watch_rvalid
);
endmodule
module clockless (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF other, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    input wire aresetn,
    input wire s_axi_awaddr,
    input wire s_axi_awvalid,
    input wire s_axi_wdata,
    input wire s_axi_wstrb,
    input wire s_axi_wvalid,
    input wire s_axi_bready,
    input wire s_axi_araddr,
    input wire s_axi_arvalid,
    input wire s_axi_rready,
    output wire s_axi_awready,
    output wire s_axi_wready,
    output wire s_axi_bresp,
    output wire s_axi_bvalid,
    output wire s_axi_arready,
    output wire s_axi_rdata,
    output wire s_axi_rresp,
    output wire s_axi_rvalid
);
endmodule
module incomplete (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    input wire aresetn,
    input wire s_axi_awaddr,
    input wire s_axi_awvalid,
    input wire s_axi_wdata,
    input wire s_axi_wstrb,
    input wire s_axi_wvalid,
    input wire s_axi_araddr,
    input wire s_axi_arvalid,
    input wire s_axi_rready,
    output wire s_axi_awready,
    output wire s_axi_wready,
    output wire s_axi_bresp,
    output wire s_axi_bvalid,
    output wire s_axi_arready,
    output wire s_axi_rdata,
    output wire s_axi_rresp,
    output wire s_axi_rvalid
);
endmodule
module driving_watcher (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF watch, ASSOCIATED_RESET aresetn" *)
    input wire aclk,
    input wire aresetn,
    (* X_INTERFACE_MODE = "monitor" *)
    input wire watch_awaddr,
    input wire watch_awvalid,
    input wire watch_wdata,
    input wire watch_wstrb,
    input wire watch_wvalid,
    input wire watch_bready,
    input wire watch_araddr,
    input wire watch_arvalid,
    input wire watch_rready,
    output wire watch_awready,
    output wire watch_wready,
    output wire watch_bresp,
    output wire watch_bvalid,
    output wire watch_arready,
    output wire watch_rdata,
    output wire watch_rresp,
    output wire watch_rvalid
);
endmodule
module wide (
    input wire [3:0] four,
    output wire [3:0] also_four
);
endmodule
