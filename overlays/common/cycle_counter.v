// SPDX-License-Identifier: Apache-2.0
// Cycles of the kernel's last run, readable over AXI-Lite: from the write that sets ap_start to the
// rise of the interrupt that ap_done sets. Nothing is added to the kernel; its register port is
// only watched. The count is that of ap_start to ap_done plus a constant of 2 or 3 cycles.
//
// What the driver does: enable the interrupt of ap_done in the kernel once (GIER, IP_IER), clear it
// (IP_ISR) before each start. Without that a run never ends here and `valid` stays 0.
//
//   0x0  id       0x4C435943, "CYCL"
//   0x4  status   bit 0 running, bit 1 valid; bits 31:16 finished runs, modulo 65,536
//   0x8  cycles   of the last finished run, bits 31:0
//   0xC  cycles   bits 63:32
//
// Reads elsewhere give 0; writes are answered and change nothing (an error response would take
// the processor down). Interfaces come from the names of the ports (UG994).
module cycle_counter (
    (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi:kernel, ASSOCIATED_RESET aresetn" *)
    input  wire        aclk,
    input  wire        aresetn,
    input  wire        active,          // the kernel's own reset, active low
    input  wire        done_interrupt,  // the kernel's

    input  wire [11:0] s_axi_awaddr,
    input  wire        s_axi_awvalid,
    output wire        s_axi_awready,
    input  wire [31:0] s_axi_wdata,
    input  wire [3:0]  s_axi_wstrb,
    input  wire        s_axi_wvalid,
    output wire        s_axi_wready,
    output wire [1:0]  s_axi_bresp,
    output reg         s_axi_bvalid,
    input  wire        s_axi_bready,
    input  wire [11:0] s_axi_araddr,
    input  wire        s_axi_arvalid,
    output wire        s_axi_arready,
    output reg  [31:0] s_axi_rdata,
    output wire [1:0]  s_axi_rresp,
    output reg         s_axi_rvalid,
    input  wire        s_axi_rready,

    (* X_INTERFACE_MODE = "monitor" *)
    input  wire [15:0] kernel_awaddr,
    input  wire        kernel_awvalid,
    input  wire        kernel_awready,
    input  wire [31:0] kernel_wdata,
    input  wire [3:0]  kernel_wstrb,
    input  wire        kernel_wvalid,
    input  wire        kernel_wready,
    input  wire [1:0]  kernel_bresp,
    input  wire        kernel_bvalid,
    input  wire        kernel_bready,
    input  wire [15:0] kernel_araddr,
    input  wire        kernel_arvalid,
    input  wire        kernel_arready,
    input  wire [31:0] kernel_rdata,
    input  wire [1:0]  kernel_rresp,
    input  wire        kernel_rvalid,
    input  wire        kernel_rready
);
    localparam [31:0] ID = 32'h4C435943;

    // --- start: a write of 1 to bit 0 of offset 0; the address comes with the data or before it
    reg  [15:0] held_address;
    wire        address_now = kernel_awvalid && kernel_awready;
    wire [15:0] address = address_now ? kernel_awaddr : held_address;
    wire        start = kernel_wvalid && kernel_wready && address == 16'd0
                        && kernel_wdata[0] && kernel_wstrb[0];

    always @(posedge aclk)
        if (address_now)
            held_address <= kernel_awaddr;

    // --- count
    reg        running, valid, done_before;
    reg [15:0] runs;
    reg [63:0] count, cycles;
    wire       done = done_interrupt && !done_before;

    always @(posedge aclk) begin
        done_before <= done_interrupt;
        if (!aresetn) begin
            running <= 1'b0;
            valid <= 1'b0;
            runs <= 16'd0;
            cycles <= 64'd0;
            count <= 64'd0;
        end else if (!active) begin
            running <= 1'b0;
            valid <= 1'b0;
        end else if (start) begin
            running <= 1'b1;
            valid <= 1'b0;
            count <= 64'd1;
        end else if (running && done) begin
            running <= 1'b0;
            valid <= 1'b1;
            runs <= runs + 16'd1;
            cycles <= count;
        end else if (running) begin
            count <= count + 64'd1;
        end
    end

    // --- reads: one at a time
    assign s_axi_arready = !s_axi_rvalid;
    assign s_axi_rresp = 2'b00;

    always @(posedge aclk) begin
        if (!aresetn) begin
            s_axi_rvalid <= 1'b0;
            s_axi_rdata <= 32'd0;
        end else if (s_axi_arvalid && s_axi_arready) begin
            s_axi_rvalid <= 1'b1;
            case (s_axi_araddr[11:2])
                10'd0: s_axi_rdata <= ID;
                10'd1: s_axi_rdata <= {runs, 14'd0, valid, running};
                10'd2: s_axi_rdata <= cycles[31:0];
                10'd3: s_axi_rdata <= cycles[63:32];
                default: s_axi_rdata <= 32'd0;
            endcase
        end else if (s_axi_rready) begin
            s_axi_rvalid <= 1'b0;
        end
    end

    // --- writes: taken when address and data are both there
    wire write = s_axi_awvalid && s_axi_wvalid && !s_axi_bvalid;
    assign s_axi_awready = write;
    assign s_axi_wready = write;
    assign s_axi_bresp = 2'b00;

    always @(posedge aclk)
        if (!aresetn)
            s_axi_bvalid <= 1'b0;
        else if (write)
            s_axi_bvalid <= 1'b1;
        else if (s_axi_bready)
            s_axi_bvalid <= 1'b0;

    wire unused = &{1'b0, s_axi_awaddr, s_axi_wdata, s_axi_wstrb, s_axi_araddr[1:0],
                    kernel_wdata[31:1], kernel_wstrb[3:1], kernel_bresp, kernel_bvalid,
                    kernel_bready, kernel_araddr, kernel_arvalid, kernel_arready, kernel_rdata,
                    kernel_rresp, kernel_rvalid, kernel_rready};
endmodule
