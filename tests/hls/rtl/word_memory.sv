// A memory of words, one write and one read port, in block RAM (STYLE 0), UltraRAM (1) or LUTs (2).
// Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module word_memory #(parameter WIDTH = 144, parameter DEPTH = 4096, parameter STYLE = 1) (
  input clk,
  input write,
  input [$clog2(DEPTH)-1:0] write_address,
  input [$clog2(DEPTH)-1:0] address,
  input [WIDTH-1:0] data,
  output reg [WIDTH-1:0] word
);
`ifdef SEEDED_WORD_MEMORY  // the upper half of the words lies on the lower one
  wire [$clog2(DEPTH)-1:0] place = {1'b0, write_address[$clog2(DEPTH)-2:0]};
`else
  wire [$clog2(DEPTH)-1:0] place = write_address;
`endif
  generate
    if (STYLE == 1) begin : ultra
      (* ram_style = "ultra" *) reg [WIDTH-1:0] words [0:DEPTH-1];
      always @(posedge clk) begin
        if (write) words[place] <= data;
        word <= words[address];
      end
    end else if (STYLE == 2) begin : distributed
      (* ram_style = "distributed" *) reg [WIDTH-1:0] words [0:DEPTH-1];
      always @(posedge clk) begin
        if (write) words[place] <= data;
        word <= words[address];
      end
    end else begin : block
      (* ram_style = "block" *) reg [WIDTH-1:0] words [0:DEPTH-1];
      always @(posedge clk) begin
        if (write) words[place] <= data;
        word <= words[address];
      end
    end
  endgenerate
endmodule
